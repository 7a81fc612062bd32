using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>How many answers a request asks for.</summary>
internal ref partial struct RequestScan
{
    /// <summary>Of the older completions each prompt of a list has its own answers, and of <c>best_of</c> all are written and paid for, shown or not.</summary>
    private readonly long Choices(ApiOperation operation)
    {
        var asked = _choices ?? 1;
        return operation == ApiOperation.Completions
            ? (long)Int128.Min(Math.Max(asked, _bestOf ?? 1) * (Int128)_prompts, long.MaxValue)
            : asked;
    }

    /// <summary>A text, tokens, or a list of either.</summary>
    private void ReadPrompt()
    {
        _meter.Add(ref _reader);
        if (_reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var depth = _reader.CurrentDepth;
        var prompts = 0L;
        do
        {
            _reader.Read();
            _meter.Add(ref _reader);
            prompts += _reader.CurrentDepth == depth + 1 && _reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray ? 1 : 0;
        }
        while (_reader.CurrentDepth > depth);
        _prompts = Math.Max(_prompts, prompts);
    }
}
