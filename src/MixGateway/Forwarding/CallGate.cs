using MixGateway.Authentication;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Routing;

namespace MixGateway.Forwarding;

/// <summary>
/// The checks between a call's body and its first attempt, in the product's order: model, allowed, limits, balance. They are made
/// with what this gateway remembers of the caller, and made again if it turns out that somebody changed that.
/// </summary>
internal sealed class CallGate(CallAdmission admission, EarlyCheck early, CallerCheck callers, RunningCalls running, UnknownModels unknown)
{
    /// <summary>Rounds of one call through a key that is being changed all the time.</summary>
    private const int MaxRounds = 4;

    /// <summary>Checks what can be checked before the call's body is read; everything is checked again afterwards.</summary>
    public async ValueTask<OpenAIError?> CheckEarlyAsync(Call call)
    {
        if (running.Stopping)
        {
            return Stopping();
        }

        var caller = call.Caller;
        var result = await early.CheckAsync(new EarlyCaller(caller.AccountId, caller.KeyId, caller.Version), call.Catalog);
        RateLimitHeaders.Set(call.Context.Response, result.Requests, result.Tokens);
        return result.Error;
    }

    /// <summary>Gives the call its plan and its hold, or says why it has none.</summary>
    public async ValueTask<OpenAIError?> PassAsync(Call call)
    {
        if (await RouteAsync(call) is { } error)
        {
            return error;
        }

        if (unknown.Check(call) is { } nobodys)
        {
            return nobodys;
        }

        if (running.Stopping)
        {
            return Stopping();
        }

        for (var round = 0; round < MaxRounds; round++)
        {
            var result = await AdmitAsync(call);
            if (result.NewerKey is not { } version)
            {
                return result.Error;
            }

            var answer = await callers.RenewAsync(call.Caller, version, call.Context.Connection.RemoteIpAddress);
            if (Take(call, answer) is { } refusal)
            {
                return refusal;
            }
        }

        return OpenAIErrors.ServiceUnavailable("The API key is being changed at the moment. Try again in a moment.");
    }

    private static OpenAIError Stopping() => OpenAIErrors.ServiceUnavailable("This gateway is stopping. Send the call again: another one takes it.");

    /// <summary>Nobody is refused a model for what is remembered: that the rule is still in force is asked first.</summary>
    private async ValueTask<OpenAIError?> RouteAsync(Call call)
    {
        if (Plan(call) != RouteOutcome.NotAllowed)
        {
            return Check(call);
        }

        var answer = await callers.ConfirmAsync(call.Caller, call.Context.Connection.RemoteIpAddress);
        return Take(call, answer);
    }

    /// <summary>Goes on with a caller as it is now.</summary>
    private static OpenAIError? Take(Call call, CallerAnswer answer)
    {
        if (answer.Caller is not { } caller)
        {
            return answer.Error;
        }

        call.Caller = caller;
        return Plan(call) == RouteOutcome.NotAllowed ? OpenAIErrors.ModelNotAllowed(call.Envelope.Model) : Check(call);
    }

    private static RouteOutcome Plan(Call call)
    {
        var routing = ModelRouter.Route(call.Catalog, call.Envelope.Model, call.Caller.AllowedModels);
        call.Plan = routing.Plan;
        return routing.Outcome;
    }

    private static OpenAIError? Check(Call call)
    {
        if (call.Plan is not { } plan)
        {
            return OpenAIErrors.ModelNotFound(call.Envelope.Model, ModelSuggestion.For(call.Catalog, call.Envelope.Model, call.Caller.AllowedModels));
        }

        call.Target = plan.Candidates[0];
        call.Tools = call.Envelope.Tools;
        foreach (var candidate in plan.Candidates)
        {
            if (call.Envelope.TryFindField(call.Body.Span, candidate.Provider.RefusedFields, out var field))
            {
                return OpenAIErrors.InvalidParameter(field, $"'{field}' is not accepted for {candidate.CanonicalName}: it could change the model or its price. Remove it.");
            }

            if (call.Envelope.TryFindField(call.Body.Span, candidate.Provider.RemovedFields, out field)
                && !MemberRemoval.TryFind(call.Body.Span, candidate.Provider.RemovedFields, out _))
            {
                return OpenAIErrors.InvalidParameter(field, $"The parameter '{field}' is given more than {MemberRemoval.MaxPieces} times. Remove it.");
            }

            if (PaidWork.Check(call, candidate) is { } unpriced)
            {
                return unpriced;
            }
        }

        return null;
    }

    private async ValueTask<AdmissionResult> AdmitAsync(Call call)
    {
        var caller = call.Caller;
        var result = await admission.AdmitAsync(new CallToAdmit(
            call.Id.Value, caller.AccountId, caller.KeyId, caller.Version, call.Plan!, SizeOf(call), call.Catalog.Currency, CallRecorder.Skeleton(call)));
        RateLimitHeaders.Set(call.Context.Response, result.Requests, result.Tokens);
        if (result.Call is { } held)
        {
            call.Held = held;
            call.Size = result.OutputCap is { } cap ? SizeOf(call) with { MaxTokens = cap } : SizeOf(call);
            call.OnAdmitted();
            call.OutputCap = result.OutputCap;
        }

        return result;
    }

    private static CallSize SizeOf(Call call)
    {
        var envelope = call.Envelope;
        var isEmbedding = call.Operation == ApiOperation.Embeddings;
        return new CallSize(envelope.TextBytes, envelope.MediaReferences, isEmbedding ? 0 : envelope.OwnLimit, isEmbedding ? 1 : envelope.Choices)
        {
            ImageTokens = envelope.ImageTokens,
            RaisingLimit = isEmbedding ? null : envelope.RaisingLimit,
            Prompts = envelope.Prompts,
            Tools = call.Tools,
        };
    }
}
