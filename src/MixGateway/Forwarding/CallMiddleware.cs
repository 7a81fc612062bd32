using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// A call's way through, in the order of the product's checks: body, model, allowed, limits, balance; then the attempts,
/// the record, and the caller's error if there is one. Path, method and key were checked before.
/// </summary>
internal sealed class CallMiddleware(
    RequestDelegate next, CatalogStore catalog, CallGate gate, CallRecorder recorder, BufferBudget budget,
    RunningCalls running, ForwardingMetrics metrics, CallLog log, IOptions<LimitsOptions> limits, TimeProvider time)
{
    private readonly long _maxRequestBody = limits.Value.MaxRequestBody;

    public async Task InvokeAsync(HttpContext context)
    {
        var caller = context.Features.GetRequiredFeature<Caller>();
        using var call = new Call(context, OpenAIPaths.OperationOf(context.Request.Path), caller, time);
        context.Features.Set(call);
        using var span = CallTrace.BeginCall(context);
        var error = await PrepareAsync(call) ?? await gate.PassAsync(call);
        log.Prepared(call, error);
        if (error is null)
        {
            error = await ForwardAsync(call);
        }

        if (error is not null && !context.Response.HasStarted && !call.CallerAborted.IsCancellationRequested)
        {
            await context.WriteErrorAsync(error);
        }

        if (call is { Record: { } record, Outcome: { } outcome })
        {
            metrics.Ended(call, record, outcome);
        }

        log.Ended(call, error);
        CallSpans.EndCall(span, call, error);
    }

    private async ValueTask<OpenAIError?> ForwardAsync(Call call)
    {
        running.Add(call);
        try
        {
            await next(call.Context);
            return await FinishAsync(call);
        }
        finally
        {
            if (!call.Recorded)
            {
                // A bug of ours, or an abort at the wrong moment: an admitted call has a record all the same.
                await recorder.RecordAsync(call, CallOutcome.Refused(OpenAIErrors.InternalError()), default, StatusCodes.Status500InternalServerError);
            }

            running.Remove(call);
        }
    }

    /// <summary>Reads the body and what it asks for; the error that ends the call before anything is held.</summary>
    private async ValueTask<OpenAIError?> PrepareAsync(Call call)
    {
        // The limit of a call's body is ours to enforce; Kestrel's is for everything else.
        call.Context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        var (result, body) = await RequestBody.ReadAsync(call.Context.Request, _maxRequestBody, budget, call.CallerAborted);
        call.Body = body;
        call.BodyLength = body.Length;
        call.Times.BodyRead();
        if (result != BodyReadResult.Read)
        {
            return ErrorOf(result);
        }

        if (!RequestReader.TryRead(body.Span, call.Operation, out var envelope, out var error))
        {
            return error;
        }

        call.Envelope = envelope;
        call.Catalog = catalog.Current;
        return null;
    }

    /// <summary>Books the call if its relay has not, and names the error that is still to be written.</summary>
    private async ValueTask<OpenAIError?> FinishAsync(Call call)
    {
        var outcome = call.Outcome ?? throw new InvalidOperationException("An attempt ended without an outcome.");
        if (!call.Recorded)
        {
            var status = outcome.Error?.Status ?? CallRecorder.CallerClosedRequest;
            await recorder.RecordAsync(call, outcome, default, status);
        }

        if (outcome.Error is not null && !call.Context.Response.HasStarted)
        {
            call.Context.Response.Clear();
        }

        return outcome.Error;
    }

    private OpenAIError? ErrorOf(BodyReadResult result) => result switch
    {
        BodyReadResult.TooLarge => OpenAIErrors.RequestTooLarge(_maxRequestBody),
        BodyReadResult.OverBudget => OpenAIErrors.ServiceUnavailable("The gateway holds too many request bodies at the moment. Try again in a moment."),
        BodyReadResult.TooSlow => OpenAIErrors.RequestTimeout(),
        _ => OpenAIErrors.InvalidJson("The request's body broke off before its end."),
    };
}
