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
    private const int MaxModelBytes = 512;
    private const int MaxNames = 64;
    private const int MaxRepetitions = 16; // or a body of nothing but models would take several times its size

    private static readonly ImmutableArray<string> Members = ["model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "best_of", "prompt"];

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _offset;
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

    /// <param name="offset">Where in <paramref name="body"/> the reader's text starts.</param>
    public RequestScan(ReadOnlySpan<byte> body, Utf8JsonReader reader, int offset)
    {
        _body = body;
        _reader = reader;
        _offset = offset;
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

    public readonly RequestEnvelope ToEnvelope(ApiOperation operation) => new()
    {
        Operation = operation,
        Model = _model!,
        ModelValue = _firstValues[0],
        Stream = _stream,
        StreamOptions = _streamOptions,
        IncludeUsage = _includeUsage,
        MaxTokens = _maxTokens,
        MaxCompletionTokens = _maxCompletionTokens,
        OutputLimits = OutputLimits(),
        RootStart = _rootStart,
        Choices = Choices(operation),
        TextBytes = Math.Min(_meter.TextBytes, _body.Length),
        MediaItems = _meter.MediaItems,
        BodyLength = _body.Length,
        Edits = Edits(operation),
        Names = _names.DrainToImmutable(),
        AllNamesKept = _nameCount <= MaxNames,
    };

    private readonly ImmutableArray<ByteRange> OutputLimits()
    {
        var (older, newer) = (_firstValues[MaxTokens], _firstValues[MaxCompletionTokens]);
        ReadOnlySpan<ByteRange> repeated = CollectionsMarshal.AsSpan(_repeatedLimits);
        return (older.Length, newer.Length) switch
        {
            (0, 0) => [],
            (_, 0) => [older, .. repeated],
            (0, _) => [newer, .. repeated],
            _ => [older, newer, .. repeated],
        };
    }

    private readonly ImmutableArray<RequestEdit> Edits(ApiOperation operation)
    {
        if (!_stream || operation == ApiOperation.Embeddings)
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

        var member = Identify(raw, _reader.ValueIsEscaped, Members);
        _meter.BeginMember(raw, _reader.ValueIsEscaped);
        _reader.Read();
        var start = TokenStart;
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
                _maxTokens = ReadCount();
                break;
            case MaxCompletionTokens:
                _maxCompletionTokens = ReadCount();
                break;
            case 5:
                _choices = ReadCount();
                break;
            case 6:
                _bestOf = ReadCount();
                break;
            case 7:
                ReadPrompt();
                break;
            default:
                PassValue();
                return;
        }

        RememberValue(member, new ByteRange(start, TokenEnd - start));
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
            if (!MemberName.IsFolded(lower, names[i]))
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

    private void ReadModel()
    {
        var value = new ByteRange(TokenStart, TokenEnd - TokenStart);
        if (_reader.TokenType != JsonTokenType.String)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' must be a string, for example 'deepseek:deepseek-chat'."));
            PassValue();
            return;
        }

        _meter.Add(ref _reader);
        AddEdit(ref _modelEdits, new RequestEdit(value, RequestEditKind.Model), "model");
        var model = ReadModelName(_reader.ValueSpan);
        if (_model is not null && model is not null && !_model.Equals(model, StringComparison.Ordinal))
        {
            FailDuplicate("model");
        }

        _model ??= model ?? "";
    }

    private string? ReadModelName(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' is empty. Name a model; GET /v1/models lists them."));
            return null;
        }

        if (raw.Length > MaxModelBytes)
        {
            Fail(OpenAIErrors.InvalidParameter("model", $"The parameter 'model' is longer than {MaxModelBytes} bytes. GET /v1/models lists the names."));
            return null;
        }

        Span<byte> name = stackalloc byte[MaxModelBytes];
        var length = JsonText.Unescape(raw, name, out var exact);
        if (!exact)
        {
            Fail(OpenAIErrors.InvalidParameter("model", "The parameter 'model' holds half a surrogate pair, which is no character."));
            return null;
        }

        return Encoding.UTF8.GetString(name[..length]);
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

    /// <summary>Anything but an integer of at least 1 counts as absent; the provider is the one to complain about it.</summary>
    private long? ReadCount()
    {
        long? count = _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var value) && value >= 1 ? value : null;
        PassValue();
        return count;
    }

    /// <summary>Goes to the end of the value and counts it.</summary>
    private void PassValue()
    {
        _meter.Add(ref _reader);
        if (_reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = _reader.CurrentDepth;
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
    [InlineArray(8)]
    private struct FirstValues
    {
        private ByteRange _first;
    }
}
