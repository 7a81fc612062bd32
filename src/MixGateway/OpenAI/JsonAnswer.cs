using System.Collections.Immutable;

namespace MixGateway.OpenAI;

/// <summary>What a whole JSON answer holds.</summary>
/// <param name="Valid">Whether it is one whole JSON object; nothing else is known if not.</param>
/// <param name="ModelValues">Every value of a top-level <c>model</c>, ascending.</param>
/// <param name="Usage">What the provider reported, if it could be read.</param>
/// <param name="HasError">Whether it is an error in the place of an answer.</param>
/// <param name="Error">What the error says, if it could be read.</param>
/// <param name="HasContent">Whether there is any text, reasoning or tool call.</param>
internal sealed record JsonAnswerFacts(
    bool Valid,
    ImmutableArray<ByteRange> ModelValues,
    TokenUsage? Usage,
    bool HasError,
    ProviderError? Error,
    bool HasContent);

/// <summary>Reads and renames a JSON answer that is held whole.</summary>
internal static class JsonAnswer
{
    private static readonly JsonAnswerFacts Invalid = new(false, [], null, false, null, false);

    /// <param name="text">Gets what the model wrote, for an estimate where usage is missing.</param>
    public static JsonAnswerFacts Inspect(ReadOnlySpan<byte> body, DeliveredText? text)
    {
        var start = body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var findings = new AnswerFindings();
        if (!AnswerReader.TryRead(body[start..], findings, text))
        {
            return Invalid;
        }

        var models = ImmutableArray.CreateBuilder<ByteRange>(findings.Models.Length);
        foreach (var value in findings.Models)
        {
            models.Add(new ByteRange(start + value.Start, value.Length));
        }

        var error = findings.IsError && ProviderErrorReader.TryRead(body, out var found) ? found : null;
        return new JsonAnswerFacts(true, models.MoveToImmutable(), findings.Usage, findings.IsError, error, findings.HasContent);
    }

    /// <returns>How many bytes <see cref="Rewrite"/> writes.</returns>
    public static int RewrittenLength(ReadOnlySpan<byte> body, JsonAnswerFacts facts, ReadOnlySpan<byte> canonicalModelJson)
    {
        var length = body.Length;
        foreach (var value in facts.ModelValues)
        {
            length += canonicalModelJson.Length - value.Length;
        }

        return length;
    }

    /// <summary>Writes the answer with the canonical name in the place of every top-level <c>model</c>.</summary>
    /// <param name="canonicalModelJson">A JSON string with its quotes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Rewrite(ReadOnlySpan<byte> body, JsonAnswerFacts facts, ReadOnlySpan<byte> canonicalModelJson, Span<byte> destination)
    {
        var read = 0;
        var written = 0;
        foreach (var value in facts.ModelValues)
        {
            var kept = body[read..value.Start];
            kept.CopyTo(destination[written..]);
            written += kept.Length;
            canonicalModelJson.CopyTo(destination[written..]);
            written += canonicalModelJson.Length;
            read = value.End;
        }

        body[read..].CopyTo(destination[written..]);
        return written + body.Length - read;
    }
}
