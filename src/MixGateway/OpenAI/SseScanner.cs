namespace MixGateway.OpenAI;

/// <summary>
/// Takes a provider's event stream as it comes and gives the caller's: the same bytes but for the model's name. Notes usage and how the
/// answer ended on the way, and keeps the end marker back. Not thread-safe.
/// </summary>
/// <remarks>
/// The unit is one event, and at most one is carried from read to read. A larger one than the bound passes as it comes, unread.
/// After the end marker, an error or <see cref="Complete"/> nothing more is taken.
/// </remarks>
internal sealed class SseScanner : IDisposable
{
    public const int MaxEventBytes = 4 * 1024 * 1024;

    private readonly ReadOnlyMemory<byte> _model;
    private readonly bool _hideUsageChunk;
    private readonly int _maxEventBytes;
    private readonly PooledBytes _carry;
    private readonly PooledBytes _ready;
    private readonly PooledBytes _held;
    private readonly PooledBytes _joined;
    private readonly AnswerFindings _findings = new();
    private SseBoundary _boundary;
    private UInt128 _choicesSeen;
    private UInt128 _choicesFinished;
    private bool _choiceBeyondMax;
    private bool _passingUnread;
    private bool _startSeen;
    private bool _closed;
    private long _reportedText;

    /// <param name="canonicalModelJson">What the caller sees as <c>model</c>: a JSON string with its quotes.</param>
    /// <param name="hideUsageChunk">Whether a chunk with empty choices and usage stays here, since the caller did not ask for it.</param>
    /// <param name="budget">What is kept of the stream takes from it; null where nobody counts.</param>
    public SseScanner(ReadOnlyMemory<byte> canonicalModelJson, bool hideUsageChunk, int maxEventBytes = MaxEventBytes, IByteBudget? budget = null)
    {
        _carry = new PooledBytes(budget);
        _ready = new PooledBytes(budget);
        _held = new PooledBytes(budget);
        _joined = new PooledBytes(budget);
        Text = new DeliveredText(budget);
        _model = canonicalModelJson;
        _hideUsageChunk = hideUsageChunk;
        _maxEventBytes = maxEventBytes;
    }

    /// <summary>What may go to the caller now; valid until the next call of any method.</summary>
    public ReadOnlyMemory<byte> Ready => _ready.Memory;

    /// <summary>The event with the end marker, as the provider sent it; empty before <see cref="EndSeen"/>.</summary>
    public ReadOnlyMemory<byte> Held => _held.Memory;

    /// <summary>Whether the end marker came as an event of its own.</summary>
    public bool EndSeen { get; private set; }

    /// <summary>What the provider reported last.</summary>
    public TokenUsage? Usage { get; private set; }

    /// <summary>Whether text came after that: some providers report at the start, or now and then, and the true usage at the end.</summary>
    public bool UsageIsBehind => Text.TotalBytes > _reportedText;

    /// <summary>Whether every choice that was seen has its finish_reason, and at least one was seen.</summary>
    public bool AllChoicesFinished => AnyChoiceSeen && !_choiceBeyondMax && (_choicesSeen & ~_choicesFinished) == UInt128.Zero;

    public bool AnyChoiceSeen => _choicesSeen != UInt128.Zero || _choiceBeyondMax;

    /// <summary>Events with data, the end marker not counted.</summary>
    public int Events { get; private set; }

    /// <summary>Whether any text, reasoning or tool call went by.</summary>
    public bool ContentSeen { get; private set; }

    /// <summary>Whether an event's data was not a JSON object. Such events pass.</summary>
    public bool MalformedSeen { get; private set; }

    /// <summary>Whether an event was beyond the bound and passed unread.</summary>
    public bool Unmeasured { get; private set; }

    /// <summary>Whether the provider reported an error instead of going on. That event is not passed on.</summary>
    public bool ErrorSeen { get; private set; }

    /// <summary>What the error says, if it could be read.</summary>
    public ProviderError? Error { get; private set; }

    /// <summary>Whether what was given out ends in the middle of an event: an event of our own then needs a blank line before it.</summary>
    public bool EndsInsideEvent { get; private set; }

    /// <summary>What the caller got to read.</summary>
    public DeliveredText Text { get; }

    public void ClearReady() => _ready.Clear();

    /// <summary>Takes the next bytes from the provider.</summary>
    /// <exception cref="InsufficientMemoryException">The budget has no room for an event of this length.</exception>
    public void Append(ReadOnlySpan<byte> upstream)
    {
        while (!_closed && upstream.Length > 0)
        {
            var end = _boundary.FindEnd(upstream);
            if (end < 0)
            {
                Carry(upstream);
                return;
            }

            var rest = upstream[..end];
            upstream = upstream[end..];
            if (_passingUnread || (long)_carry.Length + end > _maxEventBytes)
            {
                PassUnread(rest);
                _passingUnread = false;
                EndsInsideEvent = false;
            }
            else if (_carry.Length == 0)
            {
                Process(rest, whole: true);
            }
            else
            {
                _carry.Append(rest);
                Process(_carry.Span, whole: true);
                _carry.Clear();
            }
        }
    }

    /// <summary>
    /// The provider closed the stream. Data that is whole but for its blank line counts; what was cut does not, and is dropped.
    /// </summary>
    public void Complete()
    {
        if (!_closed && !_passingUnread && _carry.Length > 0)
        {
            Process(_carry.Span, _boundary.EndsIfStreamEnds);
            _carry.Clear();
        }

        _closed = true;
    }

    public void Dispose()
    {
        _closed = true;
        _carry.Dispose();
        _ready.Dispose();
        _held.Dispose();
        _joined.Dispose();
        Text.Dispose();
    }

    private void Carry(ReadOnlySpan<byte> part)
    {
        if (_passingUnread || (long)_carry.Length + part.Length > _maxEventBytes)
        {
            PassUnread(part);
        }
        else
        {
            _carry.Append(part);
        }
    }

    private void PassUnread(ReadOnlySpan<byte> part)
    {
        Unmeasured = true;
        _passingUnread = true;
        EndsInsideEvent = true;
        _startSeen = true;
        _ready.Append(_carry.Span);
        _carry.Clear();
        _ready.Append(part);
    }

    /// <param name="whole">False at the stream's end if the blank line is missing.</param>
    private void Process(ReadOnlySpan<byte> bytes, bool whole)
    {
        // A byte order mark may come before the first line (WHATWG HTML §9.2.5).
        var at = !_startSeen && bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        _startSeen = true;
        if (!SseEvent.TryNextData(bytes, ref at, out var data))
        {
            if (whole)
            {
                Pass(bytes, whole);
            }

            return;
        }

        var json = data.Of(bytes);
        var offset = data.Start;
        if (SseEvent.TryNextData(bytes, ref at, out _))
        {
            json = Join(bytes);
            offset = 0;
        }

        ProcessData(bytes, json, offset, whole);
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> bytes)
    {
        _joined.Clear();
        SseEvent.KeepDataOnly(bytes, _joined.GetSpan(bytes.Length));
        _joined.Advance(bytes.Length);
        return _joined.Span;
    }

    /// <param name="offset">Where in <paramref name="bytes"/> the JSON starts.</param>
    private void ProcessData(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> json, int offset, bool whole)
    {
        if (json.Trim(" \t\r\n"u8).SequenceEqual("[DONE]"u8))
        {
            EndSeen = true;
            _closed = true;
            _held.Append(bytes);
            return;
        }

        if (!AnswerReader.TryRead(json, _findings, Text))
        {
            MalformedSeen = true;
            if (whole)
            {
                Events++;
                Pass(bytes, whole);
            }

            return;
        }

        Events++;
        if (_findings.IsError)
        {
            ErrorSeen = true;
            _closed = true;
            Error = ProviderErrorReader.TryRead(json, out var error) ? error : null;
            return;
        }

        Note();
        if (!_hideUsageChunk || _findings.Choices != ChoicesForm.Empty || !_findings.HasUsageObject)
        {
            PassRenamed(bytes, offset, whole);
        }
    }

    private void Note()
    {
        if (_findings.Usage is { } usage)
        {
            Usage = usage;
            _reportedText = Text.TotalBytes;
        }

        _choicesSeen |= _findings.ChoicesSeen;
        _choicesFinished |= _findings.ChoicesFinished;
        _choiceBeyondMax |= _findings.ChoiceBeyondMax;
        ContentSeen |= _findings.HasContent;
    }

    private void PassRenamed(ReadOnlySpan<byte> bytes, int offset, bool whole)
    {
        var from = 0;
        foreach (var value in _findings.Models)
        {
            _ready.Append(bytes[from..(offset + value.Start)]);
            _ready.Append(_model.Span);
            from = offset + value.End;
        }

        Pass(bytes[from..], whole);
    }

    private void Pass(ReadOnlySpan<byte> bytes, bool whole)
    {
        _ready.Append(bytes);
        EndsInsideEvent = !whole;
    }
}
