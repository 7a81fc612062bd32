using System.Buffers;
using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>
/// Counts what a request may cost as a prompt: text bytes and media items. Must never count less text than the provider does,
/// or a hold is too small; must not count the bytes of pictures, or no balance is large enough.
/// </summary>
/// <remarks>
/// Media exist only inside <c>messages</c> and <c>input</c>, and there never as the direct value of a member that a provider reads as
/// text: a prompt that starts with <c>data:</c> is a prompt. What is no media counts with the compact form of its JSON around it, since
/// providers put tools and schemas into the prompt as JSON. A reference of up to <see cref="MaxReferenceBytes"/> counts as one item,
/// which weighs as much as that many bytes of text, so a text hidden in a member called <c>url</c> gains nothing; a longer one counts as both.
/// </remarks>
internal struct PromptMeter
{
    private const int MaxReferenceBytes = 4096;
    private const int MaxNameBytes = 128; // the longest name that matters, with each letter escaped, takes 102

    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    private bool _mayHoldMedia;
    private int _textOnlyAbove;
    private NameKind _name;

    private enum NameKind
    {
        Other,
        Text,
        TextTree,
        Media,
        Audio,
    }

    public long TextBytes { get; private set; }

    public int MediaItems { get; private set; }

    /// <summary>A member of the root begins; its value follows token by token.</summary>
    public void BeginMember(ReadOnlySpan<byte> raw, bool escaped)
    {
        Span<byte> scratch = stackalloc byte[MaxNameBytes];
        var name = JsonText.Meaning(raw, escaped, scratch);
        _mayHoldMedia = name.SequenceEqual("messages"u8) || name.SequenceEqual("input"u8);
        _textOnlyAbove = int.MaxValue;
        _name = _mayHoldMedia ? NameKind.Text : NameKind.Other;
        TextBytes += Length(raw, escaped) + 3;
    }

    /// <summary>The next token of the member's value. Each counts with the comma or colon that follows it.</summary>
    public void Add(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                AddName(reader.ValueSpan, reader.ValueIsEscaped);
                break;
            case JsonTokenType.String:
                AddString(reader.ValueSpan, reader.ValueIsEscaped, reader.CurrentDepth);
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                TextBytes++;
                Enter(reader.TokenType, reader.CurrentDepth);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                TextBytes += 2;
                _name = NameKind.Text;
                if (reader.CurrentDepth <= _textOnlyAbove)
                {
                    _textOnlyAbove = int.MaxValue;
                }

                break;
            default:
                TextBytes += reader.ValueSpan.Length + 1;
                break;
        }
    }

    /// <summary>The beginning of a string whose end is not known, without its first quote.</summary>
    public void AddCutString(ReadOnlySpan<byte> raw, int depth) => AddString(raw, raw.Contains((byte)'\\'), depth);

    private void Enter(JsonTokenType token, int depth)
    {
        if (!_mayHoldMedia || depth > _textOnlyAbove)
        {
            return;
        }

        if (_name == NameKind.TextTree)
        {
            _textOnlyAbove = depth;
        }
        else if (_name == NameKind.Audio && token == JsonTokenType.StartObject)
        {
            MediaItems++; // {"audio":{"id":…}}: an earlier spoken answer, by reference
        }
    }

    private void AddName(ReadOnlySpan<byte> raw, bool escaped)
    {
        TextBytes += Length(raw, escaped) + 3;
        if (_mayHoldMedia)
        {
            Span<byte> scratch = stackalloc byte[MaxNameBytes];
            _name = Classify(JsonText.Meaning(raw, escaped, scratch));
        }
    }

    private void AddString(ReadOnlySpan<byte> raw, bool escaped, int depth)
    {
        if (_mayHoldMedia && depth <= _textOnlyAbove)
        {
            var reference = _name is NameKind.Media or NameKind.Audio;
            if (reference)
            {
                MediaItems++;
            }

            if (reference ? raw.Length <= MaxReferenceBytes || IsPayload(raw) : _name == NameKind.Other && IsPayload(raw))
            {
                MediaItems += reference ? 0 : 1;
                TextBytes += 3;
                return;
            }
        }

        TextBytes += Length(raw, escaped) + 3;
    }

    private static long Length(ReadOnlySpan<byte> raw, bool escaped) => escaped ? JsonText.UnescapedLength(raw) : raw.Length;

    /// <summary>A data URI, or base64 alone; PHP writes its slashes as \/.</summary>
    private static bool IsPayload(ReadOnlySpan<byte> raw) =>
        (raw.Length >= 5 && Ascii.EqualsIgnoreCase(raw[..5], "data:"u8))
        || (raw.Length > MaxReferenceBytes && !raw.ContainsAnyExcept(Base64));

    /// <summary>Without regard to case, as some providers read names.</summary>
    private static NameKind Classify(ReadOnlySpan<byte> name)
    {
        if (name.Length > MaxNameBytes || !name.ContainsAnyExceptInRange((byte)'_', (byte)'z'))
        {
            return ClassifyFolded(name);
        }

        Span<byte> folded = stackalloc byte[MaxNameBytes];
        return ClassifyFolded(MemberName.Fold(name, folded));
    }

    private static NameKind ClassifyFolded(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => name.SequenceEqual("url"u8) || name.SequenceEqual("uri"u8) ? NameKind.Media : NameKind.Other,
        4 => name.SequenceEqual("text"u8) || name.SequenceEqual("name"u8) ? NameKind.Text : name.SequenceEqual("data"u8) ? NameKind.Media : NameKind.Other,
        5 => name.SequenceEqual("image"u8) || name.SequenceEqual("video"u8) ? NameKind.Media
            : name.SequenceEqual("audio"u8) ? NameKind.Audio
            : name.SequenceEqual("input"u8) ? NameKind.TextTree
            : NameKind.Other,
        6 => name.SequenceEqual("prompt"u8) || name.SequenceEqual("output"u8) ? NameKind.Text : NameKind.Other,
        7 => name.SequenceEqual("content"u8) || name.SequenceEqual("refusal"u8) ? NameKind.Text
            : name.SequenceEqual("file_id"u8) ? NameKind.Media
            : NameKind.Other,
        8 => name.SequenceEqual("thinking"u8) ? NameKind.Text
            : name.SequenceEqual("file_url"u8) || name.SequenceEqual("b64_json"u8) || name.SequenceEqual("image_id"u8) ? NameKind.Media : NameKind.Other,
        9 => name.SequenceEqual("arguments"u8) ? NameKind.TextTree
            : name.SequenceEqual("reasoning"u8) ? NameKind.Text
            : name.SequenceEqual("image_url"u8) || name.SequenceEqual("video_url"u8) || name.SequenceEqual("audio_url"u8)
                || name.SequenceEqual("file_data"u8) ? NameKind.Media
            : NameKind.Other,
        11 => name.SequenceEqual("annotations"u8) ? NameKind.TextTree : NameKind.Other,
        17 => name.SequenceEqual("reasoning_content"u8) ? NameKind.Text : NameKind.Other,
        _ => NameKind.Other,
    };
}
