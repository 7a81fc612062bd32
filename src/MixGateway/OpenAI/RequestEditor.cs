using System.Collections.Immutable;

namespace MixGateway.OpenAI;

/// <summary>
/// Writes the body that the provider gets: the caller's own bytes but for the model's name and, on a stream, the wish for usage.
/// Splices, because writing the document anew would change number forms, order and unknown members.
/// </summary>
internal static class RequestEditor
{
    /// <summary>By the value of their kind.</summary>
    private static readonly ReadOnlyMemory<byte>[] Constants =
        [.. Enum.GetValues<RequestEditKind>().Select(static kind => new ReadOnlyMemory<byte>(Replacement(kind, ReadOnlySpan<byte>.Empty, ReadOnlySpan<byte>.Empty).ToArray()))];

    /// <param name="edits">Those of the envelope, or <see cref="ExtraEdits"/>.</param>
    /// <param name="upstreamModelJson">The provider's own id as a JSON string, with its quotes.</param>
    /// <param name="outputLimit">The digits of the limit on the answer; empty where no edit writes it.</param>
    /// <returns>How many bytes <see cref="Edit"/> writes.</returns>
    public static int EditedLength(int bodyLength, ImmutableArray<RequestEdit> edits, ReadOnlySpan<byte> upstreamModelJson, ReadOnlySpan<byte> outputLimit)
    {
        var length = bodyLength;
        foreach (var edit in edits)
        {
            length += Replacement(edit.Kind, upstreamModelJson, outputLimit).Length - edit.Range.Length;
        }

        return length;
    }

    /// <param name="body">The body that <paramref name="edits"/> were made for.</param>
    /// <param name="edits">Those of the envelope, or <see cref="ExtraEdits"/>.</param>
    /// <param name="upstreamModelJson">The provider's own id as a JSON string, with its quotes.</param>
    /// <param name="outputLimit">The digits of the limit on the answer; empty where no edit writes it.</param>
    /// <param name="destination">At least <see cref="EditedLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Edit(
        ReadOnlySpan<byte> body, ImmutableArray<RequestEdit> edits, ReadOnlySpan<byte> upstreamModelJson, ReadOnlySpan<byte> outputLimit, Span<byte> destination)
    {
        var read = 0;
        var written = 0;
        foreach (var edit in edits)
        {
            var kept = body[read..edit.Range.Start];
            kept.CopyTo(destination[written..]);
            written += kept.Length;
            var replacement = Replacement(edit.Kind, upstreamModelJson, outputLimit);
            replacement.CopyTo(destination[written..]);
            written += replacement.Length;
            read = edit.Range.End;
        }

        body[read..].CopyTo(destination[written..]);
        return written + body.Length - read;
    }

    /// <summary>What an edit writes, for whoever writes the pieces one after the other.</summary>
    /// <param name="upstreamModelJson">The provider's own id as a JSON string, with its quotes.</param>
    /// <param name="outputLimit">The digits of the limit on the answer; empty where no edit writes it.</param>
    public static ReadOnlyMemory<byte> Replacement(RequestEditKind kind, ReadOnlyMemory<byte> upstreamModelJson, ReadOnlyMemory<byte> outputLimit) => kind switch
    {
        RequestEditKind.Model => upstreamModelJson,
        RequestEditKind.OutputLimitValue => outputLimit,
        _ => Constants[(int)kind],
    };

    private static ReadOnlySpan<byte> Replacement(RequestEditKind kind, ReadOnlySpan<byte> upstreamModelJson, ReadOnlySpan<byte> outputLimit) => kind switch
    {
        RequestEditKind.Model => upstreamModelJson,
        RequestEditKind.StreamOptionsMember => "\"stream_options\":{\"include_usage\":true},"u8,
        RequestEditKind.StreamOptionsValue => "{\"include_usage\":true}"u8,
        RequestEditKind.FirstIncludeUsage => "\"include_usage\":true,"u8,
        RequestEditKind.OnlyIncludeUsage => "\"include_usage\":true"u8,
        RequestEditKind.OutputLimitName => "\"max_tokens\":"u8,
        RequestEditKind.OutputLimitValue => outputLimit,
        RequestEditKind.Comma => ","u8,
        RequestEditKind.Removal => [],
        _ => "true"u8,
    };
}
