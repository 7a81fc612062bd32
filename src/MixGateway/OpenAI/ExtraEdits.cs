using System.Buffers.Text;
using System.Collections.Immutable;

namespace MixGateway.OpenAI;

/// <summary>The edits that are made only where an operator asks for them: members that are removed, and a limit on the answer.</summary>
internal static class ExtraEdits
{
    /// <param name="body">The whole body that <paramref name="envelope"/> was read from.</param>
    /// <param name="removed">Names of root members to remove; none that <see cref="RequestScan"/> reads.</param>
    /// <param name="outputCap">The most tokens that an answer may have; null to leave the caller's limits alone.</param>
    /// <returns>The envelope's own edits with these among them, in order.</returns>
    public static ImmutableArray<RequestEdit> Of(ReadOnlySpan<byte> body, RequestEnvelope envelope, ImmutableArray<string> removed, long? outputCap)
    {
        var removes = envelope.TryFindField(body, removed, out _);
        if (!removes && outputCap is null)
        {
            return envelope.Edits;
        }

        List<RequestEdit> edits = [.. envelope.Edits];
        if (outputCap is { } cap)
        {
            AddCap(body, envelope, cap, edits);
        }

        if (removes && MemberRemoval.TryFind(body, removed, out var pieces))
        {
            edits.AddRange(pieces.Select(static piece => new RequestEdit(piece, RequestEditKind.Removal)));
        }

        // In order of their places; what is inserted where a removal begins comes before it.
        return [.. edits.OrderBy(static edit => edit.Range.Start).ThenBy(static edit => edit.Range.End)];
    }

    /// <summary>The edits without the wish for usage, for a provider that refuses it.</summary>
    public static ImmutableArray<RequestEdit> WithoutUsage(ImmutableArray<RequestEdit> edits) => edits.RemoveAll(static edit => edit.Kind
        is RequestEditKind.StreamOptionsMember or RequestEditKind.StreamOptionsValue or RequestEditKind.FirstIncludeUsage
        or RequestEditKind.OnlyIncludeUsage or RequestEditKind.IncludeUsageValue);

    /// <summary>Every limit of the caller's that is not within the cap gets it; where none is there that every provider reads, one is inserted.</summary>
    private static void AddCap(ReadOnlySpan<byte> body, RequestEnvelope envelope, long cap, List<RequestEdit> edits)
    {
        if (!envelope.HasOwnLimit)
        {
            var at = new ByteRange(envelope.RootStart, 0);
            edits.Add(new RequestEdit(at, RequestEditKind.OutputLimitName));
            edits.Add(new RequestEdit(at, RequestEditKind.OutputLimitValue));
            edits.Add(new RequestEdit(at, RequestEditKind.Comma));
        }

        foreach (var value in envelope.OutputLimits)
        {
            if (!IsWithin(value.Of(body), cap))
            {
                edits.Add(new RequestEdit(value, RequestEditKind.OutputLimitValue));
            }
        }
    }

    private static bool IsWithin(ReadOnlySpan<byte> value, long cap) =>
        Utf8Parser.TryParse(value, out long limit, out var read) && read == value.Length && limit >= 1 && limit <= cap;
}
