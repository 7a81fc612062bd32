using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>The pass over a request's body. Goes on after the first wrong parameter, so that a broken document is reported as such.</summary>
internal ref partial struct RequestScan
{
    private const int MaxTokens = 3;
    private const int MaxCompletionTokens = 4;
    private const int MaxNames = 64;
    private const int MaxRepetitions = 16; // or a body of nothing but models would take several times its size

    private static readonly ImmutableArray<string> Members =
    [
        "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of", "prompt", "input", "tools", "modalities", "response_modalities", "audio",
    ];

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _offset;
    private readonly ApiOperation _operation;
    private readonly ImmutableArray<ByteRange>.Builder _names = ImmutableArray.CreateBuilder<ByteRange>(8);
    private FirstValues _firstValues;
    private Utf8JsonReader _reader;
    private PromptMeter _meter;
    private int _nameCount;
    private int _rootStart;
    private List<RequestEdit>? _modelEdits;
    private List<RequestEdit>? _usageEdits;
    private List<ByteRange>? _repeatedLimits;
    private string? _model;
    private bool _stream;
    private bool _includeUsage;
    private StreamOptionsForm _streamOptions;
    private long? _maxTokens;
    private long? _maxCompletionTokens;
    private long? _choices;
    private long? _bestOf;
    private long _prompts = 1;
    private long _inputs = 1;
    private long? _otherLimit;
    private List<ByteRange>? _otherLimits;
    private long _otherChoices;
    private List<AskedTool>? _tools;
    private bool _asksAudio;
    private bool _asksImages;

    /// <param name="offset">Where in <paramref name="body"/> the reader's text starts.</param>
    public RequestScan(ReadOnlySpan<byte> body, Utf8JsonReader reader, int offset, ApiOperation operation)
    {
        _body = body;
        _reader = reader;
        _offset = offset;
        _operation = operation;
        _meter = new PromptMeter(operation);
    }

    /// <summary>The first parameter that is wrong.</summary>
    public OpenAIError? Error { get; private set; }

    private readonly int TokenStart => _offset + (int)_reader.TokenStartIndex;

    private readonly int TokenEnd => _offset + (int)_reader.BytesConsumed;

    /// <exception cref="JsonException">The body is not one JSON document.</exception>
    public void Run()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            Fail(OpenAIErrors.InvalidJson("The request body must be a JSON object, that is, start with '{'."));
            _reader.Skip();
            _reader.Read();
            return;
        }

        _rootStart = TokenEnd;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember();
        }

        _reader.Read(); // throws where something follows the object
        if (_model is null)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' is missing. Name a model, for example 'deepseek:deepseek-chat'; GET /v1/models lists them."));
        }
    }

    public readonly RequestEnvelope ToEnvelope() => new()
    {
        Operation = _operation,
        Model = _model!,
        ModelValue = _firstValues[0],
        Stream = _stream,
        StreamOptions = _streamOptions,
        IncludeUsage = _includeUsage,
        MaxTokens = _maxTokens,
        MaxCompletionTokens = _maxCompletionTokens,
        OtherLimit = _otherLimit,
        OutputLimits = OutputLimits(),
        HasOwnLimit = _firstValues[MaxTokens].Length > 0 || (_operation != ApiOperation.Completions && _firstValues[MaxCompletionTokens].Length > 0),
        RootStart = _rootStart,
        Choices = Choices(),
        Prompts = Prompts,
        TextBytes = Math.Min(_meter.TextBytes, _body.Length),
        Images = _meter.Images,
        ImageTokens = _meter.ImageTokens,
        MediaReferences = _meter.References,
        Tools = _tools is null ? [] : [.. _tools],
        AsksAudio = _asksAudio,
        AsksImages = _asksImages,
        BodyLength = _body.Length,
        Edits = Edits(),
        Names = _names.DrainToImmutable(),
        AllNamesKept = _nameCount <= MaxNames,
    };

    private readonly ImmutableArray<ByteRange> OutputLimits()
    {
        var (older, newer) = (_firstValues[MaxTokens], _firstValues[MaxCompletionTokens]);
        ReadOnlySpan<ByteRange> repeated = CollectionsMarshal.AsSpan(_repeatedLimits);
        ReadOnlySpan<ByteRange> others = CollectionsMarshal.AsSpan(_otherLimits);
        return (older.Length, newer.Length) switch
        {
            (0, 0) => [.. others],
            (_, 0) => [older, .. repeated, .. others],
            (0, _) => [newer, .. repeated, .. others],
            _ => [older, newer, .. repeated, .. others],
        };
    }

    private readonly ImmutableArray<RequestEdit> Edits()
    {
        if (!_stream || _operation == ApiOperation.Embeddings)
        {
            return [.. _modelEdits!];
        }

        if (_streamOptions == StreamOptionsForm.Absent)
        {
            return [new RequestEdit(new ByteRange(_rootStart, 0), RequestEditKind.StreamOptionsMember), .. _modelEdits!];
        }

        var edits = ImmutableArray.CreateBuilder<RequestEdit>();
        edits.AddRange(_modelEdits!);
        edits.AddRange(_usageEdits ?? []);
        edits.Sort(static (a, b) => a.Range.Start.CompareTo(b.Range.Start));
        return edits.ToImmutable();
    }

    private void ReadMember()
    {
        var raw = _reader.ValueSpan;
        _nameCount++;
        if (_nameCount <= MaxNames)
        {
            _names.Add(new ByteRange(TokenStart + 1, raw.Length));
        }

        var escaped = _reader.ValueIsEscaped;
        var member = Identify(raw, escaped, Members);
        _meter.BeginMember(raw, escaped);
        _reader.Read();
        var start = TokenStart;
        if (member >= 0)
        {
            ReadValue(member);
            RememberValue(member, new ByteRange(start, TokenEnd - start));
        }
        else
        {
            ReadOther(KindOf(raw, escaped, nested: false, out var name), name);
        }
    }

    /// <summary>Of one of <see cref="Members"/>.</summary>
    private void ReadValue(int member)
    {
        switch (member)
        {
            case 0:
                ReadModel();
                break;
            case 1:
                ReadStream();
                break;
            case 2:
                ReadStreamOptions();
                break;
            case MaxTokens:
                _maxTokens = ReadCount(Members[member]);
                break;
            case MaxCompletionTokens:
                _maxCompletionTokens = ReadCount(Members[member]);
                break;
            case 5:
                _choices = ReadCount(Members[member]);
                break;
            case 6:
                _bestOf = ReadCount(Members[member]);
                break;
            case 7:
                _prompts = Math.Max(_prompts, ReadList());
                break;
            case 8:
                _inputs = Math.Max(_inputs, ReadList());
                break;
            case 9:
                ReadTools();
                break;
            case 12:
                ReadAudio();
                break;
            default:
                ReadModalities();
                break;
        }
    }

    /// <summary>Which of the names this is, or -1. A name that is one of them but for case is an error: no two servers agree on what it means.</summary>
    private int Identify(ReadOnlySpan<byte> raw, bool escaped, ImmutableArray<string> names)
    {
        if (raw.Length > MemberName.MaxEscapedLength)
        {
            return -1;
        }

        Span<byte> scratch = stackalloc byte[MemberName.MaxEscapedLength];
        Span<byte> folded = stackalloc byte[MemberName.MaxEscapedLength];
        var name = JsonText.Meaning(raw, escaped, scratch);
        var lower = MemberName.Fold(name, folded);
        for (var i = 0; i < names.Length; i++)
        {
            if (lower.Length != names[i].Length || !MemberName.IsFolded(lower, names[i]))
            {
                continue;
            }

            if (Ascii.Equals(name, names[i]))
            {
                return i;
            }

            var sent = Encoding.UTF8.GetString(name);
            Fail(OpenAIErrors.InvalidParameter(sent, $"Unknown parameter '{sent}'. Names are case-sensitive: did you mean '{names[i]}'?"));
        }

        return -1;
    }

    private void ReadStream()
    {
        _stream = _reader.TokenType == JsonTokenType.True;
        if (_reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
        {
            Fail(OpenAIErrors.InvalidParameter("stream", "The parameter 'stream' must be true or false."));
        }

        PassValue();
    }

    /// <summary>Goes to the end of the value and counts it.</summary>
    private void PassValue()
    {
        _meter.Add(ref _reader);
        if (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            PassRest(_reader.CurrentDepth);
        }
    }

    /// <summary>Goes from the start of an object or array to its end and counts what is in it.</summary>
    private void PassRest(int depth)
    {
        do
        {
            _reader.Read();
            _meter.Add(ref _reader);
        }
        while (_reader.CurrentDepth > depth);
    }

    /// <summary>Two members of one name: which one counts differs from server to server, so they must agree. The model's are compared as text.</summary>
    private void RememberValue(int member, ByteRange value)
    {
        var first = _firstValues[member];
        if (first.Length == 0)
        {
            _firstValues[member] = value;
        }
        else if (member != 0 && !first.Of(_body).SequenceEqual(value.Of(_body)))
        {
            FailDuplicate(Members[member]);
        }
        else if (member is MaxTokens or MaxCompletionTokens)
        {
            RememberRepetition(value, Members[member]);
        }
    }

    private void RememberRepetition(ByteRange limit, string name)
    {
        _repeatedLimits ??= [];
        if (_repeatedLimits.Count < MaxRepetitions)
        {
            _repeatedLimits.Add(limit);
        }
        else
        {
            FailRepetition(name);
        }
    }

    private void AddEdit(ref List<RequestEdit>? edits, RequestEdit edit, string name)
    {
        edits ??= new List<RequestEdit>(1);
        if (edits.Count < MaxRepetitions)
        {
            edits.Add(edit);
        }
        else
        {
            FailRepetition(name);
        }
    }

    private void FailRepetition(string name) =>
        Fail(OpenAIErrors.InvalidParameter(name, $"The parameter '{name}' is given more than {MaxRepetitions} times. Send it once."));

    private void FailDuplicate(string name) =>
        Fail(OpenAIErrors.InvalidParameter(name, $"The parameter '{name}' is given twice with different values. Send it once."));

    private void Fail(OpenAIError error) => Error ??= error;

    /// <summary>Where each of <see cref="Members"/> first has its value.</summary>
    [InlineArray(13)]
    private struct FirstValues
    {
        private ByteRange _first;
    }
}
