using System.Buffers;
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

    private const int FirstRent = 16 * 1024;

    public async ValueTask<CallOutcome> RelayAsync(Call call, HttpResponseMessage answer)
    {
        var expected = (int)Math.Clamp(answer.Content.Headers.ContentLength ?? 0, FirstRent, WholeLimit);
        var buffer = ArrayPool<byte>.Shared.Rent(expected + 1);
        try
        {
            using var stream = await answer.Content.ReadAsStreamAsync(call.Watch.Token);
            var length = 0;
            while (length <= WholeLimit)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), call.Watch.Token);
                if (read == 0)
                {
                    call.Times.ProviderEnded();
                    return await SendWholeAsync(call, answer, buffer.AsMemory(0, length));
                }

                call.Watch.OnRead();
                call.OnFirstByte();
                length += read;
            }

            return await PassOnAsync(call, answer, stream, buffer, length);
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, call.Watch);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, WholeLimit + 1));
        buffer.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return grown;
    }

    private async ValueTask<CallOutcome> SendWholeAsync(Call call, HttpResponseMessage answer, ReadOnlyMemory<byte> body)
    {
        using var text = new DeliveredText();
        var facts = JsonAnswer.Inspect(body.Span, text);
        if (!facts.Valid || facts.HasError)
        {
            return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError(facts.HasError
                ? "The provider reported an error instead of an answer."
                : "The provider's answer is not whole JSON."));
        }

        call.OnAnswerBegins();
        var outcome = call.Watch.CallerGone ? CallOutcome.CallerLeft : CallOutcome.Completed;
        var booking = await recorder.RecordAsync(call, outcome, new AnswerFacts(facts.Usage, text), StatusCodes.Status200OK);
        if (booking != BookingResult.Booked)
        {
            return CallBooking.Refusal(outcome);
        }

        if (!call.Watch.CallerGone)
        {
            Write(call, answer, body.Span, facts);
            await call.Context.Response.BodyWriter.FlushAsync(call.CallerAborted);
            call.Times.Sent();
        }

        return outcome;
    }

    private static void Write(Call call, HttpResponseMessage answer, ReadOnlySpan<byte> body, JsonAnswerFacts facts)
    {
        var model = call.Target.CanonicalNameJson.Span;
        var length = JsonAnswer.RewrittenLength(body, facts, model);
        Start(call, answer);
        call.Context.Response.ContentLength = length;
        var writer = call.Context.Response.BodyWriter;
        JsonAnswer.Rewrite(body, facts, model, writer.GetSpan(length));
        writer.Advance(length);
    }

    /// <summary>Passes a long answer on; from here on the headers are out and a failure can only cut the answer short.</summary>
    private async ValueTask<CallOutcome> PassOnAsync(Call call, HttpResponseMessage answer, Stream stream, byte[] buffer, int length)
    {
        using var scanner = new JsonAnswerScanner(call.Target.CanonicalNameJson);
        using var passed = new DeliveredText();
        call.OnAnswerBegins();
        Start(call, answer);
        call.Times.WaitEnds();
        var outcome = await CopyAsync(call, scanner, passed, stream, buffer, length);
        call.Times.ProviderEnded();
        var booking = await recorder.RecordAsync(call, outcome, new AnswerFacts(scanner.Usage, passed), StatusCodes.Status200OK);
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

    /// <param name="passed">Gets the JSON that went out, as it is: an answer of this length has too much beside its text to look for that.</param>
    private static async ValueTask<CallOutcome> CopyAsync(
        Call call, JsonAnswerScanner scanner, DeliveredText passed, Stream stream, byte[] buffer, int length)
    {
        try
        {
            while (length > 0)
            {
                scanner.Append(buffer.AsSpan(0, length));
                if (!scanner.Ready.IsEmpty && !call.Watch.CallerGone)
                {
                    call.Watch.Suspend();
                    await call.Context.Response.BodyWriter.WriteAsync(scanner.Ready, call.Watch.Token);
                    call.Watch.OnRead();
                    call.Times.Sent();
                    passed.Append(scanner.Ready.Span);
                    call.DeliveredBytes = passed.TotalBytes;
                }

                scanner.ClearReady();
                length = await stream.ReadAsync(buffer, call.Watch.Token);
                call.Watch.OnRead();
            }
        }
        catch (Exception e) when (UpstreamFailure.Is(e))
        {
            return UpstreamFailure.Classify(e, call.Watch);
        }

        scanner.Complete();
        if (!scanner.Whole)
        {
            return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider's answer is not whole JSON."));
        }

        return call.Watch.CallerGone ? CallOutcome.CallerLeft : CallOutcome.Completed;
    }

    private static void Start(Call call, HttpResponseMessage answer)
    {
        call.Context.Response.StatusCode = (int)answer.StatusCode;
        call.Context.Response.ContentType = answer.Content.Headers.ContentType?.ToString() ?? "application/json";
    }
}
