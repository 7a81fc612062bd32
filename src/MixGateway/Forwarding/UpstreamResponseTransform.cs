using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http.Features;
using MixGateway.OpenAI;
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
        try
        {
            call.Outcome = answer.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices
                ? await RelayAsync(call, answer)
                : await ProviderRefusal.ReadAsync(call, answer);
        }
        catch (Exception e) when (!UpstreamFailure.Is(e))
        {
            // YARP would take a bug of ours for the provider's failure, and could not end an answer that has begun.
            call.Outcome = UpstreamFailure.Classify(e, call.Watch);
            await EndBrokenAsync(call, answer, call.Outcome.Error);
        }
    }

    /// <summary>Ends an answer that has begun: a stream with the error as its last event, JSON with a broken connection, so that neither looks whole.</summary>
    private static async ValueTask EndBrokenAsync(Call call, HttpResponseMessage answer, OpenAIError? error)
    {
        var response = call.Context.Response;
        if (error is null || !response.HasStarted || call.CallerAborted.IsCancellationRequested)
        {
            return;
        }

        if (!IsStream(answer))
        {
            call.Context.Abort();
            return;
        }

        // The event that was being written is closed first, or ours would be read as its last lines.
        response.BodyWriter.Write("\n\n"u8);
        OpenAIErrorWriter.WriteEvent(response.BodyWriter, error, call.Id.ToString());
        await response.BodyWriter.FlushAsync(call.CallerAborted);
    }

    private ValueTask<CallOutcome> RelayAsync(Call call, HttpResponseMessage answer)
    {
        if (IsStream(answer))
        {
            return streams.RelayAsync(call, answer);
        }

        // Some providers name no type, or text/plain; what is not JSON (an HTML page) is found out by reading it.
        return json.RelayAsync(call, answer);
    }

    private static bool IsStream(HttpResponseMessage answer) =>
        string.Equals(answer.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase);
}
