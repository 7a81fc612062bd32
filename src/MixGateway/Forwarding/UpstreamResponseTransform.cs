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
            await BrokenAnswer.EndAsync(call, call.Outcome.Error);
        }
    }

    private async ValueTask<CallOutcome> RelayAsync(Call call, HttpResponseMessage answer)
    {
        try
        {
            using var content = new AnswerContent(await answer.Content.ReadAsStreamAsync(call.Watch.Token), (int)answer.StatusCode);
            return await content.TellFormAsync(call) switch
            {
                AnswerForm.EventStream when call.Envelope.Stream => await streams.RelayAsync(call, content),
                AnswerForm.Json when !call.Context.Response.HasStarted => await json.RelayAsync(call, content),
                var form => Refuse(call, content, form),
            };
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, call.Watch);
        }
    }

    /// <summary>Events that nobody asked for would be a text to the caller's SDK; a page or plain words would be nothing at all.</summary>
    private static CallOutcome Refuse(Call call, AnswerContent content, AnswerForm form)
    {
        using var judge = new AnswerJudge(call.Operation);
        if (form == AnswerForm.EventStream)
        {
            judge.Refuse("The provider answered with a stream that was not asked for (server error). Try again.");
        }
        else
        {
            judge.TakeWords(content.First, "The provider's response is neither JSON nor an event stream (server error). Try again.");
        }

        return ProviderFailures.Reported(call, judge.Failure!);
    }
}
