using System.Text;

namespace MixGateway.OpenAI;

/// <summary>What an answer turned out to be.</summary>
internal enum AnswerVerdict
{
    /// <summary>It ended before it was whole, and nobody said why.</summary>
    Cut,

    /// <summary>The provider's end marker came, or every choice has its end.</summary>
    Complete,

    /// <summary><see cref="AnswerJudge.Failure"/> says how.</summary>
    Failed,
}

/// <summary>
/// The one judgment of what an answer is: an answer, its end, its usage, or a failure. Streams feed it event by event, JSON answers
/// as one document, long ones as their digest, so that none of them has rules of its own. Not thread-safe.
/// </summary>
/// <param name="budget">What is kept of the text takes from it; null where nobody counts.</param>
internal sealed class AnswerJudge(ApiOperation operation, IByteBudget? budget = null) : IDisposable
{
    /// <summary>What is kept of words that are no JSON, in bytes.</summary>
    private const int MaxWords = 2048;

    private UInt128 _choicesSeen;
    private UInt128 _choicesFinished;
    private bool _choiceBeyondMax;
    private bool _dataSeen;
    private bool _endSeen;
    private long _reportedText;

    /// <summary>What the caller got to read.</summary>
    public DeliveredText Text { get; } = new(budget);

    /// <summary>What the provider reported last.</summary>
    public ReportedUsage? Usage { get; private set; }

    /// <summary>Whether text came after that: some providers report at the start, or now and then, and the true usage at the end.</summary>
    public bool UsageIsBehind => Text.TotalBytes > _reportedText;

    /// <summary>What the provider reported instead of an answer, or of the rest of one; null if it did not.</summary>
    public ProviderFailure? Failure { get; private set; }

    /// <summary>Whether the end marker came.</summary>
    public bool EndSeen => _endSeen;

    /// <summary>Whether any text, reasoning or tool call went by.</summary>
    public bool ContentSeen { get; private set; }

    public bool AnyChoiceSeen => _choicesSeen != UInt128.Zero || _choiceBeyondMax;

    /// <summary>Whether every choice that was seen has its finish_reason, and at least one was seen: only usage and the end marker may follow.</summary>
    public bool AllChoicesFinished => AnyChoiceSeen && !_choiceBeyondMax && (_choicesSeen & ~_choicesFinished) == UInt128.Zero;

    /// <summary>Takes a document that was read.</summary>
    /// <param name="json">The document, for what an error in it says.</param>
    /// <returns>True if it is part of the answer; false if it is a failure and not to be passed on.</returns>
    public bool Take(AnswerFindings findings, ReadOnlySpan<byte> json)
    {
        if (findings.IsError)
        {
            Fail(json, "The provider reported a server error instead of an answer. Try again.");
            return false;
        }

        if (findings.Usage is { } usage)
        {
            Usage = usage;
            _reportedText = Text.TotalBytes;
        }

        _choicesSeen |= findings.ChoicesSeen;
        _choicesFinished |= findings.ChoicesFinished;
        _choiceBeyondMax |= findings.ChoiceBeyondMax;
        _dataSeen |= findings.HasData;
        ContentSeen |= findings.HasContent;
        return true;
    }

    /// <summary>Takes the end marker.</summary>
    public void TakeEnd() => _endSeen = true;

    /// <summary>Takes words that are no document: a page, a plain text, broken JSON. They are a failure, whatever they say.</summary>
    public void TakeWords(ReadOnlySpan<byte> words, string summary)
    {
        words = words.Trim(" \t\r\n"u8);
        if (words.StartsWith("{"u8) || words.StartsWith("["u8))
        {
            Fail(words, summary);
            return;
        }

        var said = words.IsEmpty || words[0] == (byte)'<' ? null : Encoding.UTF8.GetString(words[..Math.Min(words.Length, MaxWords)]);
        Fail(said is null ? null : new ProviderError(said, null, null, null), summary);
    }

    /// <summary>The answer ends in a way that cannot be passed on; <paramref name="summary"/> says why.</summary>
    public void Refuse(string summary) => Fail(error: null, summary);

    /// <summary>Judges a stream that is over, however it ended: what was whole before its end stays whole.</summary>
    public AnswerVerdict JudgeStream()
    {
        if (AllChoicesFinished)
        {
            return AnswerVerdict.Complete;
        }

        if (Failure is null && _endSeen)
        {
            if (AnyChoiceSeen)
            {
                return AnswerVerdict.Complete;
            }

            Refuse("The provider's stream held no answer at all (server error). Try again.");
        }

        return Failure is null ? AnswerVerdict.Cut : AnswerVerdict.Failed;
    }

    /// <summary>Judges a whole JSON document.</summary>
    public AnswerVerdict JudgeDocument()
    {
        if (Failure is null && !(operation == ApiOperation.Embeddings ? _dataSeen : AnyChoiceSeen))
        {
            Refuse("The provider's response held no answer at all (server error). Try again.");
        }

        return Failure is null ? AnswerVerdict.Complete : AnswerVerdict.Failed;
    }

    public void Dispose() => Text.Dispose();

    private void Fail(ReadOnlySpan<byte> json, string summary) => Fail(ProviderErrorReader.TryRead(json, out var error) ? error : null, summary);

    private void Fail(ProviderError? error, string summary)
    {
        var kind = ProviderFailureRules.Judge(httpStatus: null, error);
        var status = ProviderFailureRules.StatusOf(error);
        Failure ??= new ProviderFailure(
            kind, kind == ProviderFailureKind.CallersMistake && status is not (404 or 413 or 422) ? 400 : status, error, summary);
    }
}
