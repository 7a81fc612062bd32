namespace MixGateway.OpenAI;

/// <summary>The counts that a usage object can hold, whatever a provider calls them.</summary>
internal enum UsageField
{
    Other,

    /// <summary>The prompt with its cached tokens, except where the counts themselves show the opposite.</summary>
    Prompt,
    Completion,
    Total,

    /// <summary>The prompt without <see cref="CacheRead"/> and <see cref="CacheCreation"/> (Anthropic, Bedrock).</summary>
    Input,
    Output,
    Cached,
    CacheRead,
    CacheCreation,
    CacheWrite,
    Reasoning,

    /// <summary>Gemini: the answer without <see cref="Thoughts"/>.</summary>
    Candidates,
    Thoughts,

    /// <summary>Gemini: prompt tokens that tools added, not in <see cref="Prompt"/>.</summary>
    ToolPrompt,
}

/// <summary>Collects one report and works out what it means.</summary>
/// <remarks>
/// Providers disagree on what their counts include, and the numbers tell: a cache count above the prompt shows that the prompt excludes it;
/// a total above the sum that nothing else explains is output that was not shown (hidden reasoning in Gemini's OpenAI form; xAI counts
/// reasoning apart); a side that is absent follows from the total.
/// </remarks>
internal struct UsageCounts
{
    private long? _prompt;
    private long? _completion;
    private long? _total;
    private long? _input;
    private long? _output;
    private long? _candidates;
    private long _thoughts;
    private long _toolPrompt;
    private long _cached;
    private long _cacheRead;
    private long _cacheCreation;
    private long _cacheWrite;
    private long _reasoning;
    private bool _unreadable;
    private ReportedQuantities? _quantities;

    /// <summary>Takes a count; of two members for the same thing that may both be there the larger counts, otherwise the last.</summary>
    public void Set(UsageField field, long count)
    {
        switch (field)
        {
            case UsageField.Prompt:
                _prompt = count;
                break;
            case UsageField.Completion:
                _completion = count;
                break;
            case UsageField.Total:
                _total = count;
                break;
            case UsageField.Input:
                _input = count;
                break;
            case UsageField.Output:
                _output = count;
                break;
            case UsageField.Cached:
                _cached = Math.Max(_cached, count);
                break;
            case UsageField.CacheRead:
                _cacheRead = count;
                break;
            case UsageField.CacheCreation:
                _cacheCreation = count;
                break;
            case UsageField.CacheWrite:
                _cacheWrite = Math.Max(_cacheWrite, count);
                break;
            case UsageField.Reasoning:
                _reasoning = Math.Max(_reasoning, count);
                break;
            case UsageField.Candidates:
                _candidates = count;
                break;
            case UsageField.Thoughts:
                _thoughts = count;
                break;
            case UsageField.ToolPrompt:
                _toolPrompt = count;
                break;
        }
    }

    /// <summary>Notes a count that is no number of tokens: the report is worth nothing.</summary>
    public void SetUnreadable() => _unreadable = true;

    /// <summary>Takes a quantity beside the tokens.</summary>
    public void Add(string kind, long count) => _quantities = ReportedQuantities.Add(_quantities, kind, count);

    /// <summary>Works out the report.</summary>
    /// <param name="isEmbedding">True if there is no completion to count: a total alone is then the prompt.</param>
    /// <returns>Null if a count was unreadable or above <see cref="TokenUsage.MaxCount"/>, or neither side is known.</returns>
    public readonly ReportedUsage? Resolve(bool isEmbedding)
    {
        var prompt = (_prompt + _toolPrompt) ?? (_input is null && _cacheRead + _cacheCreation == 0 ? null : (_input ?? 0) + _cacheRead + _cacheCreation);
        var completion = _completion ?? _output ?? (_candidates is null && _thoughts == 0 ? null : (_candidates ?? 0) + _thoughts);
        var cached = Math.Max(_cached, _cacheRead);
        var written = Math.Max(_cacheWrite, _cacheCreation);
        var reasoning = Math.Max(_reasoning, _thoughts);
        if (_prompt is not null && cached > prompt)
        {
            prompt += cached + (_total == prompt + cached + written + completion ? written : 0);
        }

        if (isEmbedding)
        {
            prompt ??= _total;
            completion ??= 0;
        }
        else
        {
            Complete(ref prompt, ref completion, ref reasoning, cached, written);
        }

        if (_unreadable || (prompt is null && completion is null) || prompt > TokenUsage.MaxCount || completion > TokenUsage.MaxCount)
        {
            return null;
        }

        var whole = prompt ?? 0;
        var answer = completion ?? 0;
        cached = Math.Min(cached, whole);
        return new ReportedUsage(
            new TokenUsage(whole, cached, Math.Min(written, whole - cached), answer, Math.Min(reasoning, answer)) { Quantities = _quantities },
            prompt is not null,
            completion is not null);
    }

    /// <summary>Uses the total: for a side that is missing, and for what the two sides do not explain.</summary>
    private readonly void Complete(ref long? prompt, ref long? completion, ref long reasoning, long cached, long written)
    {
        if (_total is not { } total)
        {
            return;
        }

        switch (prompt, completion)
        {
            case ({ } known, null):
                completion = Math.Max(0, total - known);
                break;
            case (null, { } known):
                prompt = Math.Max(0, total - known);
                break;
            case ({ } asked, { } answered) when total > asked + answered:
                var missing = total - asked - answered;
                if (missing != reasoning && missing == cached + written && _prompt is not null)
                {
                    prompt += missing;
                }
                else
                {
                    completion += missing;
                    reasoning = Math.Max(reasoning, missing);
                }

                break;
        }
    }
}
