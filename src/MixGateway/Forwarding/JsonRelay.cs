using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// Carries a JSON answer. Up to <see cref="WholeLimit"/> it is read whole, put on the books and then sent with its length,
/// so that a cut becomes a clean error; a longer one is passed on while it comes and only its last KiB waits for the books.
/// </summary>
internal sealed class JsonRelay(CallRecorder recorder)
{
    public const int WholeLimit = 1024 * 1024;

    private const int ReadSize = 16 * 1024;
    private const int PieceSize = 64 * 1024;

    public async ValueTask<CallOutcome> RelayAsync(Call call, AnswerContent answer)
    {
        using var body = new PooledBytes(call.Buffers);
        while (body.Length <= WholeLimit)
        {
            var read = await answer.ReadAsync(body.GetMemory(ReadSize), call.Watch.Token);
            if (read == 0)
            {
                call.Times.ProviderEnded();
                return await SendWholeAsync(call, answer, body);
            }

            call.Watch.OnRead();
            body.Advance(read);
        }

        return await PassOnAsync(call, answer, body);
    }

    private async ValueTask<CallOutcome> SendWholeAsync(Call call, AnswerContent answer, PooledBytes body)
    {
        using var judge = new AnswerJudge(call.Operation, call.Buffers);
        var models = JsonAnswer.Read(body.Span, judge);
        if (judge.JudgeDocument() == AnswerVerdict.Failed)
        {
            return ProviderFailures.Reported(call, judge.Failure!);
        }

        new CredentialMask(call.Credential).Apply(body.WritableSpan);
        call.OnAnswerBegins();
        var outcome = call.Watch.CallerGone ? CallOutcome.CallerLeft : CallOutcome.Completed;
        var booking = await recorder.RecordAsync(call, outcome, AnswerFacts.Of(judge), StatusCodes.Status200OK);
        if (booking != BookingResult.Booked)
        {
            return CallBooking.Refusal(outcome);
        }

        if (!call.Watch.CallerGone)
        {
            await WriteAsync(call, answer, body, models);
            call.Times.Sent();
        }

        return outcome;
    }

    private static async ValueTask WriteAsync(Call call, AnswerContent answer, PooledBytes body, ImmutableArray<ByteRange> models)
    {
        var model = call.Target.CanonicalNameJson;
        var length = JsonAnswer.RewrittenLength(body.Span, models, model.Span);
        Start(call, answer);
        call.Context.Response.ContentLength = length;
        var writer = call.Context.Response.BodyWriter;
        if (length <= PieceSize)
        {
            JsonAnswer.Rewrite(body.Span, models, model.Span, writer.GetSpan(length));
            writer.Advance(length);
            await writer.FlushAsync(call.CallerAborted);
            return;
        }

        var read = 0;
        foreach (var value in models)
        {
            await WriteInPiecesAsync(writer, body.Memory[read..value.Start], call.CallerAborted);
            await writer.WriteAsync(model, call.CallerAborted);
            read = value.End;
        }

        await WriteInPiecesAsync(writer, body.Memory[read..], call.CallerAborted);
    }

    /// <summary>The server copies what it is given, and holds it until the caller has read it: it gets little at a time.</summary>
    private static async ValueTask WriteInPiecesAsync(PipeWriter writer, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(PieceSize, bytes.Length)];
            await writer.WriteAsync(piece, cancellationToken);
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Passes a long answer on; from here on the headers are out and a failure can only cut the answer short.</summary>
    private async ValueTask<CallOutcome> PassOnAsync(Call call, AnswerContent answer, PooledBytes begun)
    {
        using var judge = new AnswerJudge(call.Operation, call.Buffers);
        using var scanner = new JsonAnswerScanner(call.Target.CanonicalNameJson, judge, new CredentialMask(call.Credential), call.Buffers);
        call.OnAnswerBegins();
        Start(call, answer);
        call.Times.WaitEnds();
        var outcome = await CopyAsync(call, scanner, judge, answer, begun);
        call.Times.ProviderEnded();
        var booking = await recorder.RecordAsync(call, outcome, AnswerFacts.Of(judge), StatusCodes.Status200OK);
        if (outcome.Status == CallStatus.Completed && booking == BookingResult.Booked)
        {
            await call.Context.Response.BodyWriter.WriteAsync(scanner.Held, call.CallerAborted);
        }
        else
        {
            // The length is not known to the caller: only a broken connection says that the JSON is not whole.
            call.Context.Abort();
        }

        return outcome;
    }

    private static async ValueTask<CallOutcome> CopyAsync(
        Call call, JsonAnswerScanner scanner, AnswerJudge judge, AnswerContent answer, PooledBytes begun)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var taken = 0;
            for (var length = 1; length > 0;)
            {
                if (!scanner.Ready.IsEmpty && !call.Watch.CallerGone)
                {
                    call.Watch.Suspend();
                    await WriteInPiecesAsync(call.Context.Response.BodyWriter, scanner.Ready, call.Watch.Token);
                    call.Watch.OnRead();
                    call.Times.Sent();
                    call.DeliveredBytes = judge.Text.TotalBytes;
                }

                scanner.ClearReady();
                length = Take(begun, ref taken, buffer);
                if (length == 0)
                {
                    length = await answer.ReadAsync(buffer, call.Watch.Token);
                    call.Watch.OnRead();
                }

                scanner.Append(buffer.AsSpan(0, length));
            }
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, call.Watch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        scanner.Complete();
        if (!scanner.Whole)
        {
            return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider's answer is not whole JSON (server error). Try again."));
        }

        return judge.JudgeDocument() == AnswerVerdict.Failed ? ProviderFailures.Reported(call, judge.Failure!)
            : call.Watch.CallerGone ? CallOutcome.CallerLeft
            : CallOutcome.Completed;
    }

    /// <summary>Gives what was held in pieces too: once the answer has begun, it needs no more memory that it might not get.</summary>
    private static int Take(PooledBytes begun, ref int taken, byte[] buffer)
    {
        var length = Math.Min(begun.Length - taken, buffer.Length);
        begun.Span.Slice(taken, length).CopyTo(buffer);
        taken += length;
        if (length == 0)
        {
            begun.Clear();
            taken = 0;
        }

        return length;
    }

    private static void Start(Call call, AnswerContent answer)
    {
        call.Context.Response.StatusCode = answer.Status;
        call.Context.Response.ContentType = "application/json";
    }
}
