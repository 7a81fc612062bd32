using System.Diagnostics;
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
    RunningCalls running, UnknownModels unknown, ForwardingMetrics metrics, CallLog log, IOptions<LimitsOptions> limits, TimeProvider time)
{
    private readonly BodyLimits _body = new(budget.LargestBody, limits.Value.BodyTimeout);

    public async Task InvokeAsync(HttpContext context)
    {
        var caller = context.Features.GetRequiredFeature<Caller>();
        using var call = new Call(context, OpenAIPaths.OperationOf(context.Request.Path), caller, new CallBuffers(budget, caller.AccountId), time);
        context.Features.Set(call);
        using var span = CallTrace.BeginCall(context);
        OpenAIError? error = null;
        var returned = false;
        try
        {
            error = await RunAsync(call);
            returned = true;
        }
        finally
        {
            // An exception on its way out is answered further out, but the call is logged and counted here and nowhere else.
            End(call, span, returned || call.CallerAborted.IsCancellationRequested ? error : OpenAIErrors.InternalError());
        }
    }

    private async ValueTask<OpenAIError?> RunAsync(Call call)
    {
        var error = await PrepareAsync(call) ?? await gate.PassAsync(call);
        log.Prepared(call, error);
        if (error is null)
        {
            error = await ForwardAsync(call);
        }

        if (error is not null && !call.Context.Response.HasStarted && !call.CallerAborted.IsCancellationRequested)
        {
            await call.Context.WriteErrorAsync(error);
        }

        return error;
    }

    private void End(Call call, Activity? span, OpenAIError? error)
    {
        if (call.Record is { } record)
        {
            metrics.Ended(call, record, call.Outcome ?? CallOutcome.Refused(error ?? OpenAIErrors.InternalError()));
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
        call.Body = new RequestBody(call.Buffers, _body, time);
        call.Catalog = catalog.Current;
        var result = await call.Body.ReadAsync(call.Context.Request, isChecked: false, call.CallerAborted);
        if (result == BodyReadResult.Unchecked)
        {
            if (await gate.CheckEarlyAsync(call) is { } refusal)
            {
                return refusal;
            }

            result = await call.Body.ReadAsync(call.Context.Request, isChecked: true, call.CallerAborted);
        }

        call.BodyLength = call.Body.Length;
        call.Times.BodyRead();
        if (result != BodyReadResult.Read)
        {
            return ErrorOf(result);
        }

        if (!RequestReader.TryRead(call.Body.Span, call.Operation, out var envelope, out var error))
        {
            return error;
        }

        call.Envelope = envelope;
        call.Catalog = catalog.Current;
        return call.Buffers.TryBegin() ? null : OpenAIErrors.OutOfMemory();
    }

    /// <summary>Books the call if its relay has not, and names the error that is still to be written.</summary>
    private async ValueTask<OpenAIError?> FinishAsync(Call call)
    {
        var outcome = call.Outcome ?? throw new InvalidOperationException("An attempt ended without an outcome.");
        unknown.Note(call, outcome);
        if (!call.Recorded)
        {
            var status = call.Context.Response.HasStarted ? StatusCodes.Status200OK : outcome.Error?.Status ?? CallRecorder.CallerClosedRequest;
            await recorder.RecordAsync(call, outcome, default, status);
        }

        if (outcome.Error is not null && !call.Context.Response.HasStarted)
        {
            call.Context.Response.Clear();
        }

        // A heartbeat may have begun a stream that no relay has ended.
        await BrokenAnswer.EndAsync(call, outcome.Error);

        return outcome.Error;
    }

    private OpenAIError? ErrorOf(BodyReadResult result) => result switch
    {
        BodyReadResult.TooLarge => OpenAIErrors.RequestTooLarge(_body.MaxBytes),
        BodyReadResult.OverBudget => OpenAIErrors.OutOfMemory(),
        BodyReadResult.TooSlow => OpenAIErrors.RequestTimeout(),
        _ => OpenAIErrors.InvalidJson("The request's body broke off before its end."),
    };
}
