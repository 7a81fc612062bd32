namespace MixGateway.OpenAI;

/// <summary>
/// Takes a JSON answer that is too long to hold as it comes, and gives it on with the canonical name in the place of every top-level
/// <c>model</c>. Keeps the last <see cref="KeepBack"/> bytes until <see cref="Complete"/>, so that the caller has no whole answer before it
/// is recorded, and tells an <see cref="AnswerJudge"/> of the answer's <see cref="AnswerDigest"/> at its end. Not thread-safe.
/// </summary>
/// <remarks>
/// Looks only at quotes, brackets and what stands directly in the root object, skipping by vectorised search: answers of embeddings are tens
/// of megabytes of numbers. Whether the pieces in between are valid JSON is for the caller's parser to say; whether the document is whole is known.
/// </remarks>
internal sealed partial class JsonAnswerScanner : IDisposable
{
    /// <summary>Bytes kept from the caller until the answer is recorded; more if the credential to look for is longer.</summary>
    public const int KeepBack = 1024;

    /// <summary>Space after the document that is given on; more of it is dropped, or the document's end would go out before it is recorded.</summary>
    private const int MaxTrailing = KeepBack / 2;

    private const int MaxNameBytes = 84; // "usage_metadata" with each letter escaped

    private readonly ReadOnlyMemory<byte> _model;
    private readonly AnswerJudge _judge;
    private readonly CredentialMask _mask;
    private readonly EmbeddedText _text;
    private readonly int _keepBack;
    private readonly PooledBytes _output;
    private readonly AnswerDigest _digest;
    private readonly byte[] _name = new byte[MaxNameBytes];
    private int _nameLength;
    private int _depth;
    private int _markLength;
    private int _trailing;
    private int _masked;
    private Place _place = Place.ByteOrderMark;
    private Member _member;
    private bool _escaped;
    private bool _dropping;
    private bool _complete;

    /// <param name="canonicalModelJson">What the caller sees as <c>model</c>: a JSON string with its quotes.</param>
    /// <param name="judge">Gets the text as it passes, and the digest at the end.</param>
    /// <param name="mask">Overwrites the provider's credential wherever it appears.</param>
    /// <param name="budget">What is kept of the answer takes from it; null where nobody counts.</param>
    public JsonAnswerScanner(ReadOnlyMemory<byte> canonicalModelJson, AnswerJudge judge, CredentialMask mask = default, IByteBudget? budget = null)
    {
        _output = new PooledBytes(budget);
        _digest = new AnswerDigest(budget);
        _model = canonicalModelJson;
        _judge = judge;
        _mask = mask;
        _text = new EmbeddedText(judge.Text);
        _keepBack = Math.Max(KeepBack, mask.Length);
    }

    private enum Place
    {
        ByteOrderMark,
        Start,
        BeforeName,
        Name,
        AfterName,
        BeforeValue,
        Scalar,
        String,
        Container,
        ContainerString,
        AfterValue,
        End,
        Broken,
    }

    private enum Member
    {
        /// <summary>None that the judgment looks at.</summary>
        Other,
        Model,
        Choices,
        Judged,
    }

    /// <summary>What may go to the caller now; valid until the next call of any method.</summary>
    public ReadOnlyMemory<byte> Ready => _output.Memory[..Math.Max(0, _output.Length - _keepBack)];

    /// <summary>The last bytes of a whole answer, to be sent after it is recorded; empty before <see cref="Complete"/> and if <see cref="Whole"/> is false.</summary>
    public ReadOnlyMemory<byte> Held => Whole ? _output.Memory[Math.Max(0, _output.Length - _keepBack)..] : default;

    /// <summary>Whether the document was closed and nothing followed it.</summary>
    public bool Whole => _complete && _place == Place.End;

    /// <summary>Bytes taken from the provider.</summary>
    public long Length { get; private set; }

    public void ClearReady()
    {
        var given = Math.Max(0, _output.Length - _keepBack);
        _output.RemoveFirst(given);
        _masked = Math.Max(0, _masked - given);
    }

    /// <summary>The provider closed the answer.</summary>
    public void Complete()
    {
        _complete = true;
        if (!Whole)
        {
            return;
        }

        var findings = new AnswerFindings();
        if (!_digest.Overflowed && AnswerReader.TryRead(_digest.Json, findings, text: null))
        {
            _judge.Take(findings, _digest.Json);
        }
        else
        {
            _judge.Refuse("The provider's answer has a form that the gateway cannot measure (server error). Try again.");
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _digest.Dispose();
    }

    /// <summary>Takes the next bytes from the provider.</summary>
    public void Append(ReadOnlySpan<byte> upstream)
    {
        Length += upstream.Length;
        for (var at = 0; at < upstream.Length;)
        {
            at += Step(upstream[at..]);
        }

        Mask();
    }

    /// <summary>The credential may be cut by a read: what could be its first bytes is looked at again. The part held back is longer than it.</summary>
    private void Mask()
    {
        if (_mask.Length > 0)
        {
            _mask.Apply(_output.WritableSpan[_masked..]);
            _masked = Math.Max(0, _output.Length - _mask.Length + 1);
        }
    }

    /// <summary>Handles what belongs together at the start of the bytes.</summary>
    /// <returns>How many bytes that is, at least one.</returns>
    private int Step(ReadOnlySpan<byte> bytes)
    {
        switch (_place)
        {
            case Place.ByteOrderMark:
                return SkipByteOrderMark(bytes);
            case Place.Scalar:
                return SkipScalar(bytes);
            case Place.Name or Place.String or Place.ContainerString:
                return SkipString(bytes);
            case Place.Container:
                return SkipContainer(bytes);
            case Place.Broken:
                return Emit(bytes);
        }

        var b = bytes[0];
        if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            return _place == Place.End && ++_trailing > MaxTrailing ? 1 : Emit(bytes[..1]);
        }

        if (_place == Place.BeforeValue)
        {
            return BeginValue(bytes);
        }

        _place = (_place, b) switch
        {
            (Place.Start, (byte)'{') => Place.BeforeName,
            (Place.BeforeName, (byte)'"') => BeginName(),
            (Place.BeforeName or Place.AfterValue, (byte)'}') => Place.End,
            (Place.AfterName, (byte)':') => Place.BeforeValue,
            (Place.AfterValue, (byte)',') => Place.BeforeName,
            _ => Place.Broken,
        };
        if (_place != Place.Name)
        {
            _digest.AppendAt(1, bytes[..1]);
        }

        return Emit(bytes[..1]);
    }

    private int SkipByteOrderMark(ReadOnlySpan<byte> bytes)
    {
        var mark = "\uFEFF"u8;
        if (bytes[0] != mark[_markLength])
        {
            _place = _markLength == 0 ? Place.Start : Place.Broken;
            return Step(bytes);
        }

        if (++_markLength == mark.Length)
        {
            _place = Place.Start;
        }

        return Emit(bytes[..1]);
    }

    private Place BeginName()
    {
        _nameLength = 0;
        _digest.BeginString(depth: 1);
        return Place.Name;
    }

    private int Emit(ReadOnlySpan<byte> bytes)
    {
        if (!_dropping)
        {
            _output.Append(bytes);
        }

        return bytes.Length;
    }
}
