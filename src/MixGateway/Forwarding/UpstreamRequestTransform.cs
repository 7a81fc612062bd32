using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using MixGateway.Forwarding.Connections;
using Yarp.ReverseProxy.Transforms;

namespace MixGateway.Forwarding;

/// <summary>What the provider gets to see: its own address, its own credential, the body's type, and nothing of the caller's.</summary>
internal sealed class UpstreamRequestTransform(CatalogProxyConfig proxyConfig) : RequestTransform
{
    private const string UserAgent = "MixGateway";

    /// <inheritdoc/>
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var call = context.HttpContext.Features.GetRequiredFeature<Call>();
        var target = proxyConfig.TargetOf(call.Target.Provider);
        var request = context.ProxyRequest;
        request.RequestUri = target.AddressOf(call.Operation);
        request.Headers.Host = null;
        request.Headers.TryAddWithoutValidation(HeaderNames.Accept, call.Envelope.Stream ? "text/event-stream" : "application/json");
        request.Headers.TryAddWithoutValidation(HeaderNames.UserAgent, UserAgent);
        request.Options.Set(UpstreamContent.Key, new UpstreamContent(call));

        var destination = context.HttpContext.GetReverseProxyFeature().ProxiedDestination!.DestinationId;
        if (target.CredentialOf(destination) is { Authorization: { } authorization } credential)
        {
            call.Credential = credential.ApiKey;
            request.Headers.TryAddWithoutValidation(HeaderNames.Authorization, authorization);
        }

        return ValueTask.CompletedTask;
    }
}
