using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>Feeds any bytes to every reader of the wire and checks what must hold for all of them. A fuzzer's entry point.</summary>
internal static class WireFuzz
{
    private static readonly byte[] Model = "\"p:m\""u8.ToArray();

    public static void Run(ReadOnlySpan<byte> input)
    {
        CheckRequest(input);
        CheckStream(input);
        CheckAnswer(input);
        CheckError(input);
    }

    private static void CheckRequest(ReadOnlySpan<byte> input)
    {
        foreach (var operation in Enum.GetValues<ApiOperation>())
        {
            if (!RequestReader.TryRead(input, operation, out var envelope, out var error))
            {
                Require(error is { Status: 400, Message.Length: > 0 }, "a refusal says why");
                continue;
            }

            Require(IsJson(input), "only JSON is taken");
            Require(envelope.Model.Length > 0 && envelope.TextBytes <= input.Length && envelope.MediaItems >= 0, "counts are within the body");
            envelope.TryFindField(input, ["route", "models"], out _);
            var edited = Edit(input, envelope, Model);
            Require(IsJson(edited), "an edited body is JSON");
            Require(RequestReader.TryRead(edited, operation, out var again, out _), "an edited body is a good request");
            Require(again.Model == "p:m" && again.Stream == envelope.Stream, "the edit names the model and keeps the rest");
            Require(!again.Stream || again.IncludeUsage || operation == ApiOperation.Embeddings, "a stream always asks for usage");
            Require(Edit(edited, again, Model).AsSpan().SequenceEqual(edited), "editing twice is editing once");
        }
    }

    private static void CheckStream(ReadOnlySpan<byte> input)
    {
        var whole = SseRun.Of(input, maxEventBytes: 512);
        Require(whole == SseRun.Of(input, maxEventBytes: 512, sizes: 1), "byte by byte gives the same");
        Require(whole == SseRun.Of(input, maxEventBytes: 512, sizes: [input.Length / 2 + 1, 7]), "any cut gives the same");
        Require(!whole.EndSeen || whole.Held.Contains("[DONE]", StringComparison.Ordinal), "an end has its marker");
        Require(whole.EndSeen == (whole.Held.Length > 0), "only an end is held");
        var shown = SseRun.Of(input, hideUsage: false, maxEventBytes: 512);
        Require(shown.Client.Length >= whole.Client.Length && shown.Usage == whole.Usage, "hiding changes nothing but what is seen");
    }

    private static void CheckAnswer(ReadOnlySpan<byte> input)
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        var models = JsonAnswer.Read(input, judge);
        var streamed = Stream(input, input.Length + 1);
        Require(streamed == Stream(input, 1), "byte by byte gives the same");
        if (!AnswerReader.TryRead(input.StartsWith("\uFEFF"u8) ? input[3..] : input, new AnswerFindings(), text: null))
        {
            Require(judge.Text.TotalBytes == 0, "a broken answer delivers nothing");
            Require(judge.JudgeDocument() == AnswerVerdict.Failed, "a broken answer is none");
            return;
        }

        var rewritten = new byte[JsonAnswer.RewrittenLength(input, models, Model)];
        Require(JsonAnswer.Rewrite(input, models, Model, rewritten) == rewritten.Length, "the length is as told");
        Require(streamed.Whole && streamed.Output == Encoding.Latin1.GetString(rewritten), "the scanner agrees with the reader");
        Require(streamed.Usage == judge.Usage, "the usage is the same");
        Require(streamed.Verdict == judge.JudgeDocument(), "the judgment is the same");
    }

    private static void CheckError(ReadOnlySpan<byte> input)
    {
        if (!ProviderErrorReader.TryRead(input, out var error))
        {
            return;
        }

        var clean = OpenAIErrors.FromProvider(400, ErrorSanitizer.Clean(error, "secret-key", "m", "p:m"));
        Require(clean.Message.Length <= ErrorSanitizer.MaxMessageLength + 1, "a message is bounded");
        Require(!clean.Message.Contains("secret-key", StringComparison.Ordinal), "the credential is gone");
        var output = new ArrayBufferWriter<byte>();
        OpenAIErrorWriter.WriteEvent(output, clean, "1");
        Require(SseRun.Of(output.WrittenSpan).Failure is not null, "an error event reads as one");
    }

    private static byte[] Edit(ReadOnlySpan<byte> body, RequestEnvelope envelope, ReadOnlySpan<byte> model)
    {
        var edited = new byte[RequestEditor.EditedLength(body.Length, envelope.Edits, model, default)];
        Require(RequestEditor.Edit(body, envelope.Edits, model, default, edited) == edited.Length, "the length is as told");
        return edited;
    }

    private static (string Output, bool Whole, ReportedUsage? Usage, AnswerVerdict Verdict) Stream(ReadOnlySpan<byte> input, int size)
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new JsonAnswerScanner(Model, judge);
        var output = new StringBuilder();
        while (input.Length > 0)
        {
            var piece = input[..Math.Min(size, input.Length)];
            scanner.Append(piece);
            input = input[piece.Length..];
            output.Append(Encoding.Latin1.GetString(scanner.Ready.Span));
            scanner.ClearReady();
        }

        scanner.Complete();
        output.Append(Encoding.Latin1.GetString(scanner.Held.Span));
        return (output.ToString(), scanner.Whole, judge.Usage, judge.JudgeDocument());
    }

    private static bool IsJson(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.StartsWith("\uFEFF"u8) ? body[3..] : body, new JsonReaderOptions { MaxDepth = 600 });
            while (reader.Read())
            {
            }

            return Utf8.IsValid(body);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Require([DoesNotReturnIf(false)] bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Does not hold: {what}.");
        }
    }
}
