using System.Diagnostics;
using MixGateway.Diagnostics;
using MixGateway.OpenAI;
using MixGateway.Usage;
using Yarp.ReverseProxy.Model;

namespace MixGateway.Forwarding;

/// <summary>What the spans of a call and of its attempts say.</summary>
internal static class CallSpans
{
    public static Activity? BeginAttempt(Call call)
    {
        var span = CallTrace.BeginAttempt("attempt");
        if (span is { IsAllDataRequested: true })
        {
            span.DisplayName = $"{GenAI.NameOf(call.Operation)} {call.Target.ModelId}";
            span.SetTag(GenAI.Operation, GenAI.NameOf(call.Operation));
            span.SetTag(GenAI.Provider, call.Target.Provider.Name);
            span.SetTag(GenAI.RequestModel, call.Target.ModelId);
            span.SetTag("server.address", call.Target.Provider.BaseUrl.Host);
            span.SetTag("server.port", call.Target.Provider.BaseUrl.Port);
            span.SetTag("mixgateway.attempt", call.Attempts);
        }

        return span;
    }

    public static void EndAttempt(Activity? span, Call call, CallOutcome outcome)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        if (call.Context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination is { } destination)
        {
            span.SetTag("mixgateway.destination", UpstreamTarget.CredentialNameOf(destination.DestinationId));
        }

        Fail(span, ErrorTypes.Of(outcome));
    }

    /// <summary>The call's own span, when all is known.</summary>
    public static void EndCall(Activity? span, Call call, OpenAIError? error)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        span.DisplayName = GenAI.NameOf(call.Operation);
        span.SetTag(GenAI.Operation, GenAI.NameOf(call.Operation));
        span.SetTag("mixgateway.request_id", call.Id.ToString());
        span.SetTag("mixgateway.account_id", call.Caller.AccountId);
        span.SetTag("mixgateway.key_id", call.Caller.KeyId);
        span.SetTag("http.response.status_code", call.Context.Response.StatusCode);
        if (call.Plan is { } plan)
        {
            span.DisplayName = $"{GenAI.NameOf(call.Operation)} {plan.Candidates[0].CanonicalName}";
            span.SetTag(GenAI.Provider, call.Target.Provider.Name);
            span.SetTag(GenAI.RequestModel, plan.Candidates[0].ModelId);
            span.SetTag(GenAI.ResponseModel, call.Target.ModelId);
        }

        if (call.Record is { UsageSource: not UsageSource.None } record)
        {
            span.SetTag("gen_ai.usage.input_tokens", record.Tokens.PromptTokens);
            span.SetTag("gen_ai.usage.output_tokens", record.Tokens.CompletionTokens);
        }

        Fail(span, call.Outcome is { } outcome ? ErrorTypes.Of(outcome) : error?.Code ?? error?.Type);
    }

    private static void Fail(Activity span, string? error)
    {
        if (error is not null)
        {
            span.SetTag(GenAI.ErrorType, error);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
