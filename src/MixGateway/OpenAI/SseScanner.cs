namespace MixGateway.OpenAI;

/// <summary>
/// Takes a provider's event stream as it comes and gives the caller's: the same bytes but for the model's name. Tells an
/// <see cref="AnswerJudge"/> what goes by, and keeps the end marker back. Not thread-safe.
/// </summary>
/// <remarks>
/// The unit is one event, and at most one is carried from read to read. Nothing passes unread: an event above the bound, or one that is no
/// answer, ends the stream with <see cref="AnswerJudge.Failure"/> and is not given on. After that, the end marker or <see cref="Complete"/>
/// nothing more is taken.
/// </remarks>
internal sealed class SseScanner : IDisposable
{
    /// <summary>Bytes of one event: an answer's text, or a picture, in one piece.</summary>
    public const int MaxEventBytes = 16 * 1024 * 1024;

    private const string NotJson = "The provider sent something that is no event of an answer (server error). Try again.";

    private readonly ReadOnlyMemory<byte> _model;
    private readonly AnswerJudge _judge;
    private readonly UsageVisibility _usage;
    private readonly CredentialMask _mask;
    private readonly int _maxEventBytes;
    private readonly PooledBytes _carry;
    private readonly PooledBytes _ready;
    private readonly PooledBytes _held;
    private readonly PooledBytes _joined;
    private readonly AnswerFindings _findings = new();
    private SseBoundary _boundary;
    private bool _startSeen;
    private bool _closed;

    /// <param name="canonicalModelJson">What the caller sees as <c>model</c>: a JSON string with its quotes.</param>
    /// <param name="judge">Is told of every event.</param>
    /// <param name="usage">What of the usage that only the gateway asked for the caller gets to see.</param>
    /// <param name="mask">Overwrites the provider's credential wherever it appears.</param>
    /// <param name="budget">What is kept of the stream takes from it; null where nobody counts.</param>
    public SseScanner(
        ReadOnlyMemory<byte> canonicalModelJson, AnswerJudge judge, UsageVisibility usage, CredentialMask mask = default, int maxEventBytes = MaxEventBytes, IByteBudget? budget = null)
    {
        _carry = new PooledBytes(budget);
        _ready = new PooledBytes(budget);
        _held = new PooledBytes(budget);
        _joined = new PooledBytes(budget);
        _model = canonicalModelJson;
        _judge = judge;
        _usage = usage;
        _mask = mask;
        _maxEventBytes = maxEventBytes;
    }

    /// <summary>What may go to the caller now; valid until the next call of any method.</summary>
    public ReadOnlyMemory<byte> Ready => _ready.Memory;

    /// <summary>The event with the end marker, as the provider sent it; empty before it came.</summary>
    public ReadOnlyMemory<byte> Held => _held.Memory;

    /// <summary>Whether nothing more is taken: the end marker or a failure came, or the provider closed.</summary>
    public bool IsClosed => _closed;

    /// <summary>Whether what was given out ends in the middle of an event: an event of our own then needs a blank line before it.</summary>
    public bool EndsInsideEvent { get; private set; }

    public void ClearReady() => _ready.Clear();

    /// <summary>Takes the next bytes from the provider.</summary>
    /// <exception cref="InsufficientMemoryException">The budget has no room for an event of this length.</exception>
    public void Append(ReadOnlySpan<byte> upstream)
    {
        while (!_closed && upstream.Length > 0)
        {
            var end = _boundary.FindEnd(upstream);
            var part = end < 0 ? upstream : upstream[..end];
            if ((long)_carry.Length + part.Length > _maxEventBytes)
            {
                Close($"The provider sent an event of more than {_maxEventBytes} bytes, which the gateway does not take.");
                return;
            }

            if (end < 0)
            {
                _carry.Append(part);
                return;
            }

            upstream = upstream[end..];
            if (_carry.Length == 0)
            {
                Process(part, whole: true);
            }
            else
            {
                _carry.Append(part);
                Process(_carry.Span, whole: true);
                _carry.Clear();
            }
        }
    }

    /// <summary>
    /// The provider closed the stream, or its connection broke. Data that is whole but for its blank line counts; what was cut does not,
    /// and is dropped.
    /// </summary>
    public void Complete()
    {
        if (!_closed && _carry.Length > 0)
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
    }

    private void Close(string summary)
    {
        _judge.Refuse(summary);
        _carry.Clear();
        _closed = true;
    }

    /// <param name="whole">False at the stream's end if the blank line is missing.</param>
    private void Process(ReadOnlySpan<byte> bytes, bool whole)
    {
        // A byte order mark may come before the first line (WHATWG HTML §9.2.5).
        var at = !_startSeen && bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        _startSeen = true;
        var fields = bytes[at..];
        if (!SseEvent.TryNextData(bytes, ref at, out var data))
        {
            ProcessWithoutData(bytes, fields, whole);
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

    /// <summary>Comments and the standard's other fields pass; a line of anything else is a provider's page or plain words.</summary>
    private void ProcessWithoutData(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> fields, bool whole)
    {
        if (!whole)
        {
            return;
        }

        if (SseEvent.HasOnlyFields(fields))
        {
            Pass(bytes, whole);
            return;
        }

        _judge.TakeWords(fields, NotJson);
        _closed = true;
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
        var trimmed = json.Trim(" \t\r\n"u8);
        if (trimmed.SequenceEqual("[DONE]"u8))
        {
            _judge.TakeEnd();
            _closed = true;
            _held.Append(bytes);
            _mask.Apply(_held.WritableSpan);
            return;
        }

        if (trimmed.IsEmpty || SseEvent.IsSignOfLife(trimmed))
        {
            if (whole)
            {
                Pass(bytes, whole);
            }

            return;
        }

        var mark = _judge.Text.Mark();
        if (!AnswerReader.TryRead(json, _findings, _judge.Text))
        {
            // What was cut is no word of the provider's: the stream's end says enough.
            if (whole)
            {
                _judge.TakeWords(trimmed, NotJson);
                _closed = true;
            }

            return;
        }

        if (SseEvent.IsNamed(bytes, "error"u8))
        {
            _findings.IsError = true;
        }

        if (!_judge.Take(_findings, json))
        {
            _judge.Text.GoBack(mark);
            _closed = true;
            return;
        }

        if (_usage == UsageVisibility.AsSent || _findings.Choices != ChoicesForm.Empty || !_findings.HasUsageObject)
        {
            PassEdited(bytes, offset, whole);
        }
    }

    private void PassEdited(ReadOnlySpan<byte> bytes, int offset, bool whole)
    {
        var start = _ready.Length;
        var from = 0;
        foreach (var edit in _findings.Edits)
        {
            if (!edit.IsModel && _usage == UsageVisibility.AsSent)
            {
                continue;
            }

            _ready.Append(bytes[from..(offset + edit.Range.Start)]);
            if (edit.IsModel)
            {
                _ready.Append(_model.Span);
            }

            from = offset + edit.Range.End;
        }

        _ready.Append(bytes[from..]);
        _mask.Apply(_ready.WritableSpan[start..]);
        EndsInsideEvent = !whole;
    }

    private void Pass(ReadOnlySpan<byte> bytes, bool whole)
    {
        var start = _ready.Length;
        _ready.Append(bytes);
        _mask.Apply(_ready.WritableSpan[start..]);
        EndsInsideEvent = !whole;
    }
}
