using System.Collections.Immutable;

namespace MixGateway.OpenAI;

/// <summary>Reads and renames a JSON answer that is held whole.</summary>
internal static class JsonAnswer
{
    /// <summary>Reads the answer.</summary>
    /// <param name="judge">Is told of the document, or that it is none.</param>
    /// <returns>Every value of a top-level <c>model</c>, ascending.</returns>
    public static ImmutableArray<ByteRange> Read(ReadOnlySpan<byte> body, AnswerJudge judge)
    {
        var start = body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var findings = new AnswerFindings();
        if (!AnswerReader.TryRead(body[start..], findings, judge.Text))
        {
            judge.TakeWords(body[start..], "The provider's answer is not whole JSON (server error). Try again.");
            return [];
        }

        judge.Take(findings, body[start..]);
        var models = ImmutableArray.CreateBuilder<ByteRange>(findings.Edits.Length);
        foreach (var edit in findings.Edits)
        {
            if (edit.IsModel)
            {
                models.Add(new ByteRange(start + edit.Range.Start, edit.Range.Length));
            }
        }

        return models.DrainToImmutable();
    }

    /// <returns>How many bytes <see cref="Rewrite"/> writes.</returns>
    public static int RewrittenLength(ReadOnlySpan<byte> body, ImmutableArray<ByteRange> models, ReadOnlySpan<byte> canonicalModelJson)
    {
        var length = body.Length;
        foreach (var value in models)
        {
            length += canonicalModelJson.Length - value.Length;
        }

        return length;
    }

    /// <summary>Writes the answer with the canonical name in the place of every top-level <c>model</c>.</summary>
    /// <param name="canonicalModelJson">A JSON string with its quotes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Rewrite(ReadOnlySpan<byte> body, ImmutableArray<ByteRange> models, ReadOnlySpan<byte> canonicalModelJson, Span<byte> destination)
    {
        var read = 0;
        var written = 0;
        foreach (var value in models)
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
