using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>How many answers a request asks for, and to how many prompts.</summary>
internal ref partial struct RequestScan
{
    private readonly long Prompts => _operation switch
    {
        ApiOperation.Completions => _prompts,
        ApiOperation.Embeddings => _inputs,
        _ => 1,
    };

    /// <summary>Of the older completions each prompt of a list has its own answers, and of <c>best_of</c> all are written and paid for, shown or not.</summary>
    private readonly long Choices()
    {
        var asked = Math.Max(Math.Max(_choices ?? 1, _bestOf ?? 1), _otherChoices);
        return _operation == ApiOperation.Completions ? (long)Int128.Min(asked * (Int128)_prompts, long.MaxValue) : asked;
    }

    /// <summary>A text, tokens, or a list of either; an embedding's parts may be objects.</summary>
    /// <returns>How many there are.</returns>
    private long ReadList()
    {
        _meter.Add(ref _reader);
        if (_reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return 1;
        }

        var isList = _reader.TokenType == JsonTokenType.StartArray;
        var depth = _reader.CurrentDepth;
        var count = 0L;
        do
        {
            _reader.Read();
            _meter.Add(ref _reader);
            count += _reader.CurrentDepth == depth + 1 && _reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0;
        }
        while (_reader.CurrentDepth > depth);
        return isList ? count : 1;
    }
}
