namespace MixGateway.OpenAI;

/// <summary>How <c>choices</c> stands in an answer or chunk.</summary>
internal enum ChoicesForm
{
    /// <summary>Missing, null, or no array.</summary>
    None,
    Empty,
    Some,
}

/// <summary>What <see cref="AnswerReader"/> found in one JSON answer or chunk. Reused from chunk to chunk.</summary>
internal sealed class AnswerFindings
{
    /// <summary>A choice with a higher index cannot be followed; OpenAI allows 128.</summary>
    public const int MaxChoices = 128;

    private ByteRange[] _models = new ByteRange[1];
    private int _modelCount;

    /// <summary>Every value of a top-level <c>model</c>, ascending.</summary>
    public ReadOnlySpan<ByteRange> Models => _models.AsSpan(0, _modelCount);

    public ChoicesForm Choices { get; set; }

    /// <summary>Bit i: choice i was there.</summary>
    public UInt128 ChoicesSeen { get; set; }

    /// <summary>Bit i: choice i had a finish_reason that is neither null nor empty.</summary>
    public UInt128 ChoicesFinished { get; set; }

    public bool ChoiceBeyondMax { get; set; }

    /// <summary>Some text, reasoning or tool call was there.</summary>
    public bool HasContent { get; set; }

    /// <summary>Whether <c>usage</c> is an object, readable or not.</summary>
    public bool HasUsageObject { get; set; }

    public TokenUsage? Usage { get; set; }

    /// <summary>Whether there is a top-level <c>error</c> that says something.</summary>
    public bool HasErrorMember { get; set; }

    /// <summary>Whether there is a top-level <c>data</c>, as in an answer of embeddings.</summary>
    public bool HasData { get; set; }

    /// <summary>An error beside choices or data is part of an answer, not instead of one.</summary>
    public bool IsError => HasErrorMember && Choices != ChoicesForm.Some && !HasData;

    public void AddModel(ByteRange value)
    {
        if (_modelCount == _models.Length)
        {
            Array.Resize(ref _models, _modelCount * 2);
        }

        _models[_modelCount++] = value;
    }

    public void Reset()
    {
        _modelCount = 0;
        Choices = ChoicesForm.None;
        ChoicesSeen = default;
        ChoicesFinished = default;
        ChoiceBeyondMax = false;
        HasContent = false;
        HasUsageObject = false;
        Usage = null;
        HasErrorMember = false;
        HasData = false;
    }
}
