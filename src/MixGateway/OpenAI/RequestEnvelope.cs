using System.Collections.Immutable;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>What one pass over a request's bytes found. Holds no reference to the body, which is dropped long before the call ends.</summary>
internal sealed class RequestEnvelope
{
    public required ApiOperation Operation { get; init; }

    /// <summary>The caller's <c>model</c>, unescaped, never empty.</summary>
    public required string Model { get; init; }

    /// <summary>Where the first <c>model</c> value stands, with its quotes.</summary>
    public required ByteRange ModelValue { get; init; }

    /// <summary>Whether the caller asked for a stream; absent and null are no.</summary>
    public required bool Stream { get; init; }

    public required StreamOptionsForm StreamOptions { get; init; }

    /// <summary>Whether the caller asked for the usage chunk; if not, it is hidden from them.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Null unless an integer of at least 1.</summary>
    public required long? MaxTokens { get; init; }

    /// <summary>Null unless an integer of at least 1.</summary>
    public required long? MaxCompletionTokens { get; init; }

    /// <summary>Where the values of all of the caller's limits on the answer stand, also those that count as absent.</summary>
    public required ImmutableArray<ByteRange> OutputLimits { get; init; }

    /// <summary>Where the root's first member would begin: after its brace.</summary>
    public required int RootStart { get; init; }

    /// <summary>The caller's <c>n</c>; 1 unless an integer of at least 1.</summary>
    public required long Choices { get; init; }

    /// <summary>Bytes of the document written compactly with its strings unescaped and media left out: no prompt has more tokens of text.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Images, recordings, files: given inline, by address or by id.</summary>
    public required int MediaItems { get; init; }

    public required int BodyLength { get; init; }

    /// <summary>What <see cref="RequestEditor"/> does, ascending and without overlap.</summary>
    public required ImmutableArray<RequestEdit> Edits { get; init; }

    /// <summary>The first names of the root's members, with <see cref="AllNamesKept"/> all of them.</summary>
    public required ImmutableArray<ByteRange> Names { get; init; }

    /// <summary>False if the root has more members than are remembered.</summary>
    public required bool AllNamesKept { get; init; }

    /// <summary>
    /// Whether the root has one of these members. Escaped names count as what they mean and case does not count,
    /// because the provider's JSON library may see it that way.
    /// </summary>
    /// <param name="body">The body that this was read from.</param>
    /// <param name="found">The name as it stands in <paramref name="names"/>.</param>
    public bool TryFindField(ReadOnlySpan<byte> body, ImmutableArray<string> names, out string found)
    {
        found = "";
        if (names.IsDefaultOrEmpty)
        {
            return false;
        }

        foreach (var range in Names)
        {
            if (IsOneOf(range.Of(body), names, out found))
            {
                return true;
            }
        }

        return !AllNamesKept && TryFindByReading(body, names, out found);
    }

    private static bool TryFindByReading(ReadOnlySpan<byte> body, ImmutableArray<string> names, out string found)
    {
        var reader = RequestReader.CreateReader(body, out _);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsOneOf(reader.ValueSpan, names, out found))
            {
                return true;
            }

            reader.Skip();
        }

        found = "";
        return false;
    }

    internal static bool IsOneOf(ReadOnlySpan<byte> rawName, ImmutableArray<string> names, out string found)
    {
        found = "";
        if (rawName.Length > MemberName.MaxEscapedLength)
        {
            return false;
        }

        Span<byte> meant = stackalloc byte[MemberName.MaxEscapedLength];
        Span<byte> folded = stackalloc byte[MemberName.MaxEscapedLength];
        var name = MemberName.Fold(JsonText.Meaning(rawName, rawName.Contains((byte)'\\'), meant), folded);
        foreach (var candidate in names)
        {
            if (MemberName.IsFolded(name, candidate))
            {
                found = candidate;
                return true;
            }
        }

        return false;
    }
}
