using System.Buffers;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// Carries a provider's event stream to the caller: every event at once, the end only after the call is on the books.
/// The loop is ours and not YARP's copy because the end has to wait, an event may be hidden, and a failure in mid-stream
/// becomes an event of its own.
/// </summary>
internal sealed class StreamRelay(CallRecorder recorder)
{
    private const int ReadSize = 16 * 1024;

    public async ValueTask<CallOutcome> RelayAsync(Call call, HttpResponseMessage answer)
    {
        using var scanner = new SseScanner(call.Target.CanonicalNameJson, hideUsageChunk: !call.Envelope.IncludeUsage, budget: call.Buffers);
        var outcome = await CopyAsync(call, answer, scanner);
        call.Times.ProviderEnded();
        var response = call.Context.Response;
        if (outcome.Error is not null && !response.HasStarted)
        {
            // Nothing went out: the loop may still ask somebody else, or answer with a plain error.
            return outcome;
        }

        if (outcome.Status == CallStatus.Completed && !response.HasStarted)
        {
            Start(call, answer);
        }

        // A caller who left before the first event got nothing to count; what a drain learned is billed all the same.
        var facts = new AnswerFacts(scanner.Usage, response.HasStarted ? scanner.Text : null, scanner.UsageIsBehind);
        var status = response.HasStarted ? StatusCodes.Status200OK : CallRecorder.CallerClosedRequest;
        var booking = await recorder.RecordAsync(call, outcome, facts, status);
        await EndAsync(call, scanner, booking == BookingResult.Booked ? outcome : CallBooking.Refusal(outcome));
        return outcome;
    }

    /// <summary>Copies until the provider's end, the caller's hang-up or a failure.</summary>
    private static async ValueTask<CallOutcome> CopyAsync(Call call, HttpResponseMessage answer, SseScanner scanner)
    {
        var watch = call.Watch;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            using var stream = await answer.Content.ReadAsStreamAsync(watch.Token);
            while (true)
            {
                var length = await stream.ReadAsync(buffer, watch.Token);
                if (length == 0)
                {
                    scanner.Complete();
                }
                else
                {
                    watch.OnRead();
                    call.OnFirstByte();
                    call.Times.WaitEnds();
                    scanner.Append(buffer.AsSpan(0, length));
                }

                if (scanner.AllChoicesFinished)
                {
                    // Only the usage is missing: a caller who leaves from here on has the whole answer and gets the true bill.
                    watch.DrainWhenCallerLeaves();
                }

                await PassOnAsync(call, answer, scanner);
                call.DeliveredBytes = scanner.Text.TotalBytes;
                if (scanner.ErrorSeen)
                {
                    return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider reported an error instead of an answer."));
                }

                if (length == 0 || scanner.EndSeen)
                {
                    return Judge(scanner, watch);
                }
            }
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, watch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask PassOnAsync(Call call, HttpResponseMessage answer, SseScanner scanner)
    {
        if (scanner.Ready.IsEmpty)
        {
            return;
        }

        if (!call.Watch.CallerGone)
        {
            if (!call.Context.Response.HasStarted)
            {
                Start(call, answer);
            }

            call.Watch.Suspend();
            await call.Context.Response.BodyWriter.WriteAsync(scanner.Ready, call.Watch.Token);
            call.Times.Sent();
            call.Watch.OnRead();
        }

        scanner.ClearReady();
    }

    /// <summary>A close without <c>[DONE]</c> is an end only if every choice had its finish_reason.</summary>
    private static CallOutcome Judge(SseScanner scanner, UpstreamWatch watch)
    {
        if (scanner.EndSeen || scanner.AllChoicesFinished)
        {
            return watch.CallerGone ? CallOutcome.CallerLeft : CallOutcome.Completed;
        }

        return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider closed the stream before its answer ended."));
    }

    private static void Start(Call call, HttpResponseMessage answer)
    {
        call.OnAnswerBegins();
        var response = call.Context.Response;
        response.StatusCode = (int)answer.StatusCode;
        response.ContentType = answer.Content.Headers.ContentType?.ToString() ?? "text/event-stream";
        response.Headers.CacheControl = "no-cache";

        // nginx in front of us would otherwise collect events before it passes them on.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    private static async ValueTask EndAsync(Call call, SseScanner scanner, CallOutcome outcome)
    {
        if (call.CallerAborted.IsCancellationRequested)
        {
            return;
        }

        var writer = call.Context.Response.BodyWriter;
        if (outcome.Error is { } error)
        {
            if (scanner.EndsInsideEvent)
            {
                // The cut event is closed first, or ours would be read as its last lines.
                writer.Write("\n\n"u8);
            }

            OpenAIErrorWriter.WriteEvent(writer, error, call.Id.ToString());
        }
        else if (outcome.Status == CallStatus.Completed)
        {
            writer.Write(scanner.Held.Span);
        }

        await writer.FlushAsync(call.CallerAborted);
    }
}
