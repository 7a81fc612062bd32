using System.Collections.Immutable;
using System.Text.Json;

namespace MixGateway.OpenAI;

internal ref partial struct RequestScan
{
    private static readonly ImmutableArray<string> StreamOptionsMembers = ["include_usage"];

    /// <summary>Notes what would have to change so that the provider reports usage, in each form that the member can have.</summary>
    private void ReadStreamOptions()
    {
        var start = TokenStart;
        switch (_reader.TokenType)
        {
            case JsonTokenType.Null:
                _streamOptions = StreamOptionsForm.Null;
                PassValue();
                AddUsageEdit(start, TokenEnd - start, RequestEditKind.StreamOptionsValue);
                break;
            case JsonTokenType.StartObject:
                _streamOptions = StreamOptionsForm.Object;
                _meter.Add(ref _reader);
                ReadStreamOptionsMembers();
                break;
            default:
                Fail(OpenAIErrors.InvalidParameter("stream_options", "The parameter 'stream_options' must be an object, for example {\"include_usage\":true}."));
                PassValue();
                break;
        }
    }

    private void ReadStreamOptionsMembers()
    {
        var inner = TokenEnd;
        var empty = true;
        ByteRange? first = null;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            _meter.Add(ref _reader);
            var isIncludeUsage = Identify(_reader.ValueSpan, _reader.ValueIsEscaped, StreamOptionsMembers) == 0;
            _reader.Read();
            if (!isIncludeUsage)
            {
                PassValue();
                continue;
            }

            var value = ReadIncludeUsage();
            if (first is { } other && !other.Of(_body).SequenceEqual(value.Of(_body)))
            {
                FailDuplicate("stream_options.include_usage");
            }

            first ??= value;
        }

        _meter.Add(ref _reader);
        if (first is null)
        {
            AddUsageEdit(inner, 0, empty ? RequestEditKind.OnlyIncludeUsage : RequestEditKind.FirstIncludeUsage);
        }
    }

    private ByteRange ReadIncludeUsage()
    {
        var start = TokenStart;
        var token = _reader.TokenType;
        PassValue();
        var value = new ByteRange(start, TokenEnd - start);
        _includeUsage = token == JsonTokenType.True;
        if (token is JsonTokenType.False or JsonTokenType.Null)
        {
            AddUsageEdit(value.Start, value.Length, RequestEditKind.IncludeUsageValue);
        }
        else if (token != JsonTokenType.True)
        {
            Fail(OpenAIErrors.InvalidParameter("stream_options.include_usage", "The parameter 'stream_options.include_usage' must be true or false."));
        }

        return value;
    }

    private void AddUsageEdit(int start, int length, RequestEditKind kind) =>
        AddEdit(ref _usageEdits, new RequestEdit(new ByteRange(start, length), kind), "stream_options");
}
