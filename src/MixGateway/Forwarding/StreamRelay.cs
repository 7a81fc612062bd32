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

    public async ValueTask<CallOutcome> RelayAsync(Call call, AnswerContent answer)
    {
        using var judge = new AnswerJudge(call.Operation, call.Buffers);
        using var scanner = new SseScanner(call.Target.CanonicalNameJson, judge, VisibilityOf(call), new CredentialMask(call.Credential), budget: call.Buffers);
        var outcome = await CopyAsync(call, answer, scanner, judge);
        call.Times.ProviderEnded();
        var response = call.Context.Response;
        if (outcome.Error is not null && !response.HasStarted)
        {
            // Nothing went out: the loop may still ask somebody else, or answer with a plain error.
            return outcome;
        }

        if (outcome.Status == CallStatus.Completed)
        {
            await call.StopHeartbeatAsync();
            Start(call, answer);
        }

        var status = response.HasStarted ? StatusCodes.Status200OK : CallRecorder.CallerClosedRequest;
        var booking = await recorder.RecordAsync(call, outcome, AnswerFacts.Of(judge), status);
        await EndAsync(call, scanner, booking == BookingResult.Booked ? outcome : CallBooking.Refusal(outcome));
        return outcome;
    }

    private static UsageVisibility VisibilityOf(Call call) => call.Envelope.IncludeUsage || !call.AsksStreamUsage ? UsageVisibility.AsSent : UsageVisibility.Hidden;

    /// <summary>Copies until the provider's end, the caller's hang-up or a failure.</summary>
    private static async ValueTask<CallOutcome> CopyAsync(Call call, AnswerContent answer, SseScanner scanner, AnswerJudge judge)
    {
        CallOutcome? broken = null;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            while (!scanner.IsClosed)
            {
                var length = await answer.ReadAsync(buffer, call.Watch.Token);
                if (length == 0)
                {
                    scanner.Complete();
                }
                else
                {
                    call.Watch.OnRead();
                    call.Times.WaitEnds();
                    scanner.Append(buffer.AsSpan(0, length));
                }

                if (judge.AllChoicesFinished)
                {
                    // Only the usage is missing: a caller who leaves from here on has the whole answer and gets the true bill.
                    call.Watch.DrainWhenCallerLeaves();
                }

                await PassOnAsync(call, answer, scanner);
                call.DeliveredBytes = judge.Text.TotalBytes;
            }
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            broken = UpstreamFailure.Classify(e, call.Watch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (broken is { IsProvidersFault: true })
        {
            // The connection broke or fell silent. What came before may still be a whole answer, and so may its last event.
            scanner.Complete();
        }

        return Judge(call, judge, broken);
    }

    private static async ValueTask PassOnAsync(Call call, AnswerContent answer, SseScanner scanner)
    {
        if (scanner.Ready.IsEmpty)
        {
            return;
        }

        if (!call.Watch.CallerGone)
        {
            call.Watch.Suspend();
            await WriteAsync(call, answer, scanner.Ready);
            call.Times.Sent();
            call.Watch.OnRead();
        }

        scanner.ClearReady();
    }

    private static async ValueTask WriteAsync(Call call, AnswerContent answer, ReadOnlyMemory<byte> events)
    {
        if (call.Heartbeat is not { } heartbeat)
        {
            Start(call, answer);
            await call.Context.Response.BodyWriter.WriteAsync(events, call.Watch.Token);
            return;
        }

        await heartbeat.EnterAsync();
        try
        {
            Start(call, answer);
            await call.Context.Response.BodyWriter.WriteAsync(events, call.Watch.Token);
        }
        finally
        {
            heartbeat.Leave();
        }
    }

    /// <summary>An answer that was whole before its stream broke is an answer; a close without <c>[DONE]</c> is an end only if every choice had its finish_reason.</summary>
    private static CallOutcome Judge(Call call, AnswerJudge judge, CallOutcome? broken)
    {
        if (broken is { IsProvidersFault: false })
        {
            return broken;
        }

        return judge.JudgeStream() switch
        {
            AnswerVerdict.Complete => call.Watch.CallerGone ? CallOutcome.CallerLeft : CallOutcome.Completed,
            AnswerVerdict.Failed => ProviderFailures.Reported(call, judge.Failure!),
            _ => broken ?? CallOutcome.ProviderFailed(
                OpenAIErrors.UpstreamError("The provider closed the stream before its answer ended (connection reset, server error). Try again.")),
        };
    }

    /// <summary>Nothing if the answer has begun.</summary>
    private static void Start(Call call, AnswerContent answer)
    {
        if (call.TryBeginAnswer() && !call.Context.Response.HasStarted)
        {
            StreamHeaders.Set(call.Context.Response, answer.Status);
        }
    }

    private static async ValueTask EndAsync(Call call, SseScanner scanner, CallOutcome outcome)
    {
        await call.StopHeartbeatAsync();
        if (call.CallerAborted.IsCancellationRequested)
        {
            return;
        }

        call.IsStreamEnded = true;
        var writer = call.Context.Response.BodyWriter;
        if (outcome.Error is { } error)
        {
            if (scanner.EndsInsideEvent)
            {
                // The cut event is closed first, or ours would be read as its last lines.
                writer.Write("\n\n"u8);
            }

            OpenAIErrorWriter.WriteEvent(writer, OpenAIErrors.InStream(error), call.Id.ToString());
        }
        else if (outcome.Status == CallStatus.Completed)
        {
            // The last event may have come with the end of a broken connection.
            writer.Write(scanner.Ready.Span);
            writer.Write(scanner.Held.Span);
        }

        await writer.FlushAsync(call.CallerAborted);
    }
}
