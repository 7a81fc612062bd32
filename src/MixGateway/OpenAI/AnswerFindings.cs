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

    private AnswerEdit[] _edits = new AnswerEdit[2];
    private int _editCount;

    /// <summary>Every value of a top-level <c>model</c>, and every top-level <c>"usage":null</c> with its comma; ascending.</summary>
    public ReadOnlySpan<AnswerEdit> Edits => _edits.AsSpan(0, _editCount);

    public ChoicesForm Choices { get; set; }

    /// <summary>Bit i: choice i was there.</summary>
    public UInt128 ChoicesSeen { get; set; }

    /// <summary>Bit i: choice i had a finish_reason that is neither null nor empty.</summary>
    public UInt128 ChoicesFinished { get; set; }

    public bool ChoiceBeyondMax { get; set; }

    /// <summary>Some text, reasoning or tool call was there.</summary>
    public bool HasContent { get; set; }

    /// <summary>Whether a top-level <c>usage</c> is an object, readable or not.</summary>
    public bool HasUsageObject { get; set; }

    /// <summary>The report, from whichever of the known places has one.</summary>
    public ReportedUsage? Usage { get; set; }

    /// <summary>Whether there is a top-level <c>data</c> that is a list, as in an answer of embeddings.</summary>
    public bool HasData { get; set; }

    /// <summary>Whether the provider says here that it failed, or that the request is wrong.</summary>
    public bool IsError { get; set; }

    public void AddEdit(AnswerEdit edit)
    {
        if (_editCount == _edits.Length)
        {
            Array.Resize(ref _edits, _editCount * 2);
        }

        _edits[_editCount++] = edit;
    }

    public void Reset()
    {
        _editCount = 0;
        Choices = ChoicesForm.None;
        ChoicesSeen = default;
        ChoicesFinished = default;
        ChoiceBeyondMax = false;
        HasContent = false;
        HasUsageObject = false;
        Usage = null;
        HasData = false;
        IsError = false;
    }
}
