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

    /// <summary>The largest limit on the answer under a name that only some servers read; null if there is none. It only raises the bound.</summary>
    public long? OtherLimit { get; init; }

    /// <summary>Where the values of all of the caller's limits on the answer stand, also those that are null.</summary>
    public required ImmutableArray<ByteRange> OutputLimits { get; init; }

    /// <summary>True if a member is there, null or not, that every provider reads as the limit of this operation.</summary>
    public bool HasOwnLimit { get; init; }

    /// <summary>Where the root's first member would begin: after its brace.</summary>
    public required int RootStart { get; init; }

    /// <summary>How many answers are written: the largest of <c>n</c>, <c>best_of</c> and their other names, for each prompt; at least 1.</summary>
    public required long Choices { get; init; }

    /// <summary>How many prompts or inputs there are, each of which may fill the model's context; at least 1.</summary>
    public long Prompts { get; init; } = 1;

    /// <summary>Bytes of the document written compactly with its strings unescaped and media left out: no prompt has more tokens of text.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Pictures that are in the request.</summary>
    public int Images { get; init; }

    /// <summary>What those pictures count as in tokens at most: the bytes of each, and at least <see cref="PromptMeter.LeastImageTokens"/>.</summary>
    public long ImageTokens { get; init; }

    /// <summary>Files, videos, recordings, and everything that is given by address or id.</summary>
    public int MediaReferences { get; init; }

    /// <summary>Pictures, files, videos and recordings, however they are given.</summary>
    public int MediaItems => Images + MediaReferences;

    /// <summary>Tools of the provider's own that the members <c>tools</c> and <c>modalities</c> ask for.</summary>
    public ImmutableArray<AskedTool> Tools { get; init; } = [];

    /// <summary>Whether the answer may be spoken.</summary>
    public bool AsksAudio { get; init; }

    /// <summary>Whether the answer may hold pictures.</summary>
    public bool AsksImages { get; init; }

    public required int BodyLength { get; init; }

    /// <summary>What <see cref="RequestEditor"/> does, ascending and without overlap.</summary>
    public required ImmutableArray<RequestEdit> Edits { get; init; }

    /// <summary>The first names of the root's members, with <see cref="AllNamesKept"/> all of them.</summary>
    public required ImmutableArray<ByteRange> Names { get; init; }

    /// <summary>False if the root has more members than are remembered.</summary>
    public required bool AllNamesKept { get; init; }

    /// <summary>The larger of the limits that every provider of this operation reads; null if there is none.</summary>
    public long? OwnLimit => Operation == ApiOperation.Completions ? MaxTokens : Larger(MaxTokens, MaxCompletionTokens);

    /// <summary>The larger of the limits that only some providers read; null if there is none. The older completions know no <c>max_completion_tokens</c>.</summary>
    public long? RaisingLimit => Operation == ApiOperation.Completions ? Larger(OtherLimit, MaxCompletionTokens) : OtherLimit;

    private static long? Larger(long? one, long? other) => one is null || other is null ? one ?? other : Math.Max(one.Value, other.Value);

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
