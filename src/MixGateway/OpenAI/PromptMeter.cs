using System.Buffers;
using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>
/// Counts what a request may cost as a prompt: bytes of text, pictures that are in the request, and other media. Must never count less text than
/// the provider does, or a hold is too small; must not count the bytes of pictures, or no balance is large enough.
/// </summary>
/// <remarks>
/// Media are only what the API defines as media, at the places where it does: parts of a message's content, an earlier spoken answer by its id,
/// parts of an embedding's input. Everything else is text, whatever it looks like, and counts with the compact form of its JSON around it, since
/// providers put tools and schemas into the prompt as JSON. Names count without regard to case, as some providers read them.
/// </remarks>
internal partial struct PromptMeter
{
    /// <summary>Tokens that a picture in the request counts as at least.</summary>
    public const int LeastImageTokens = 4096;

    private const int MaxReferenceBytes = 4096;
    private const int LeastPayloadBytes = 1024; // ids and addresses are shorter
    private const int MaxHeadBytes = 256; // of a data URI, before its comma
    private const int MaxNameBytes = 128; // the longest name that matters, with each letter escaped, takes 102
    private const int MaxPlaces = 16;

    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    private readonly ApiOperation _operation;
    private Places _places;
    private Name _name;
    private int _imagePartDepth;

    public PromptMeter(ApiOperation operation) => _operation = operation;

    public long TextBytes { get; private set; }

    /// <summary>Pictures that are in the request.</summary>
    public int Images { get; private set; }

    /// <summary>What those pictures count as: the bytes of each, and at least <see cref="LeastImageTokens"/>.</summary>
    public long ImageTokens { get; private set; }

    /// <summary>Files, videos, recordings, and everything that is given by address or id.</summary>
    public int References { get; private set; }

    /// <summary>A member of the root begins; its value follows token by token.</summary>
    public void BeginMember(ReadOnlySpan<byte> raw, bool escaped)
    {
        TextBytes += Length(raw, escaped) + 3;
        _places[0] = Place.Root;
        _name = Classify(raw, escaped);
    }

    /// <summary>The next token of the member's value. Each counts with the comma or colon that follows it.</summary>
    public void Add(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                TextBytes += Length(reader.ValueSpan, reader.ValueIsEscaped) + 3;
                _name = PlaceAt(reader.CurrentDepth - 1) == Place.Text ? Name.Other : Classify(reader.ValueSpan, reader.ValueIsEscaped);
                break;
            case JsonTokenType.String:
                AddString(reader.ValueSpan, reader.ValueIsEscaped, reader.CurrentDepth);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                TextBytes++;
                Enter(reader.TokenType == JsonTokenType.StartArray, reader.CurrentDepth);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                TextBytes += 2;
                break;
            default:
                TextBytes += reader.ValueSpan.Length + 1;
                break;
        }
    }

    /// <summary>The beginning of a string whose end is not known, without its first quote.</summary>
    public void AddCutString(ReadOnlySpan<byte> raw, int depth) => AddString(raw, raw.Contains((byte)'\\'), depth);

    private readonly Place PlaceAt(int depth) => depth is >= 0 and < MaxPlaces ? _places[depth] : Place.Text;

    private void Enter(bool isArray, int depth)
    {
        if (depth >= MaxPlaces)
        {
            return;
        }

        var parent = PlaceAt(depth - 1);
        var place = Within(parent, isArray);
        if (place == Place.Source && _imagePartDepth != depth - 1)
        {
            place = Place.File; // not known to be a picture, so a document
        }

        References += place is Place.File or Place.Frames && parent != Place.Frames ? 1 : 0;
        _places[depth] = place;
    }

    private void AddString(ReadOnlySpan<byte> raw, bool escaped, int depth)
    {
        var place = PlaceAt(depth - 1);
        if (place == Place.Part && _name == Name.Type)
        {
            NoteType(raw, depth - 1);
        }

        switch (RoleIn(place))
        {
            case Role.Image:
                AddImage(raw, escaped);
                break;
            case Role.ImageBytes:
                AddImageBytes(raw, escaped, isBase64: true);
                break;
            case Role.Reference:
                References++;
                AddReference(raw, escaped);
                break;
            case Role.OfReference:
                AddReference(raw, escaped);
                break;
            default:
                TextBytes += Length(raw, escaped) + 3;
                break;
        }
    }

    /// <summary>A part's <c>source</c> is a picture only if its type said so before. A type that changes is no picture's.</summary>
    private void NoteType(ReadOnlySpan<byte> raw, int depth)
    {
        if (raw.SequenceEqual("image"u8))
        {
            _imagePartDepth = depth;
        }
        else if (_imagePartDepth == depth)
        {
            _imagePartDepth = 0;
            References++;
        }
    }

    /// <summary>A data URI of another kind is a file: providers take documents and videos where a picture stands.</summary>
    private void AddImage(ReadOnlySpan<byte> raw, bool escaped)
    {
        Span<byte> scratch = stackalloc byte[MaxHeadBytes];
        var head = raw[..Math.Min(raw.Length, MaxHeadBytes)];
        var comma = head.IndexOf((byte)',');
        var kind = JsonText.Meaning(comma < 0 ? head : head[..comma], escaped, scratch);
        if (!StartsWith(kind, "data:"u8))
        {
            if (raw.Length >= LeastPayloadBytes && IsPayload(raw))
            {
                AddImageBytes(raw, escaped, isBase64: true);
                return;
            }
        }
        else if (comma >= 0 && StartsWith(kind, "data:image/"u8))
        {
            AddImageBytes(raw[(comma + 1)..], escaped, kind.EndsWith(";base64"u8));
            return;
        }

        References++;
        AddReference(raw, escaped);
    }

    private void AddImageBytes(ReadOnlySpan<byte> raw, bool escaped, bool isBase64)
    {
        TextBytes += 3;
        Images++;
        var padding = raw.Length - raw.TrimEnd((byte)'=').Length;
        var length = Length(raw, escaped);
        ImageTokens += Math.Max(LeastImageTokens, isBase64 ? (length - padding) * 3 / 4 : length);
    }

    /// <summary>What is no payload and longer than an address counts as text too, so a text that hides in an address gains nothing.</summary>
    private void AddReference(ReadOnlySpan<byte> raw, bool escaped) =>
        TextBytes += raw.Length <= MaxReferenceBytes || IsPayload(raw) ? 3 : Length(raw, escaped) + 3;

    private static long Length(ReadOnlySpan<byte> raw, bool escaped) => escaped ? JsonText.UnescapedLength(raw) : raw.Length;

    private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        text.Length >= lower.Length && Ascii.EqualsIgnoreCase(text[..lower.Length], lower);

    /// <summary>A data URI, or base64 alone; PHP writes its slashes as \/.</summary>
    private static bool IsPayload(ReadOnlySpan<byte> raw) => StartsWith(raw, "data:"u8) || !raw.ContainsAnyExcept(Base64);
}
