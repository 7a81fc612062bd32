using System.Net;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;
using MixGateway.OpenAI;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>What a look at a provider showed.</summary>
/// <param name="IsFine">True if it answers, and does not refuse the credential.</param>
/// <param name="Text">What it answered or why it did not, and its certificate; without secrets.</param>
internal sealed record ProviderAnswer(string Provider, bool IsFine, string Text);

/// <summary>Asks a provider for its models, over the connections of callers' calls and with each of its credentials: that costs nothing.</summary>
internal sealed class ProviderCheck(IProxyStateLookup clusters, CatalogProxyConfig proxyConfig, UpstreamCertificates certificates)
{
    private const string ModelsPath = "/models";
    private const int MaxMessageLength = 500;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    public async Task<ProviderAnswer> RunAsync(Provider provider, CancellationToken cancellationToken)
    {
        if (!clusters.TryGetCluster(provider.Name, out var cluster))
        {
            return new ProviderAnswer(provider.Name, false, "it is not configured.");
        }

        var target = proxyConfig.TargetOf(provider);
        List<(bool IsFine, string Text)> answers = [];
        foreach (var destination in cluster.DestinationsState.AllDestinations)
        {
            answers.Add(await AskAsync(provider, cluster, target.CredentialOf(destination.DestinationId), cancellationToken));
        }

        var certificate = certificates.Find(provider.Name) is { } seen ? $"; certificate {seen}" : "";
        return new ProviderAnswer(provider.Name, answers.TrueForAll(static answer => answer.IsFine), string.Join("; ", answers.Select(static answer => answer.Text).Distinct()) + certificate);
    }

    private static async Task<(bool IsFine, string Text)> AskAsync(Provider provider, ClusterState cluster, Credential? credential, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(provider.BaseUrl.AbsoluteUri.TrimEnd('/') + ModelsPath + provider.Query));
            if (credential?.Authorization is { } authorization)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            using var answer = await cluster.Model.HttpClient.SendAsync(request, limit.Token);
            return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? (false, $"it refuses the credential ({(int)answer.StatusCode})")
                : (true, $"it answers ({(int)answer.StatusCode})");
        }
        catch (Exception exception) when (UpstreamFailure.Is(exception) && !cancellationToken.IsCancellationRequested)
        {
            var reason = exception is OperationCanceledException ? $"no answer within {Timeout.TotalSeconds:0} seconds" : exception.GetBaseException().Message;
            var clean = ErrorSanitizer.Clean(reason, credential?.ApiKey, "", "");
            return (false, clean.Length <= MaxMessageLength ? clean : string.Concat(clean.AsSpan(0, MaxMessageLength), "…"));
        }
    }
}
