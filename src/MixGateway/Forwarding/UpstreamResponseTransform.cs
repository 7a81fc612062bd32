using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace MixGateway.Forwarding;

/// <summary>
/// Takes the provider's answer out of YARP's hands: a stream and a JSON answer go through their relay, an error is read and
/// judged. YARP copies no header and no body; <see cref="Call.Outcome"/> says what happened.
/// </summary>
internal sealed class UpstreamResponseTransform(StreamRelay streams, JsonRelay json) : ResponseTransform
{
    /// <inheritdoc/>
    public override async ValueTask ApplyAsync(ResponseTransformContext context)
    {
        context.SuppressResponseBody = true;
        if (context.ProxyResponse is not { } answer)
        {
            // No answer at all: YARP's error feature says why.
            return;
        }

        var call = context.HttpContext.Features.GetRequiredFeature<Call>();
        call.Outcome = answer.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices
            ? await RelayAsync(call, answer)
            : await ProviderRefusal.ReadAsync(call, answer);
    }

    private ValueTask<CallOutcome> RelayAsync(Call call, HttpResponseMessage answer)
    {
        var mediaType = answer.Content.Headers.ContentType?.MediaType;
        if (string.Equals(mediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return streams.RelayAsync(call, answer);
        }

        // Some providers name no type, or text/plain; what is not JSON (an HTML page) is found out by reading it.
        return json.RelayAsync(call, answer);
    }
}
