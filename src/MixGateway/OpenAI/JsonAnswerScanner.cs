namespace MixGateway.OpenAI;

/// <summary>
/// Takes a JSON answer that is too long to hold as it comes, and gives it on with the canonical name in the place of every top-level
/// <c>model</c>. Reads the top-level <c>usage</c>. Keeps the last <see cref="KeepBack"/> bytes until <see cref="Complete"/>, so that the
/// caller has no whole answer before it is recorded. Not thread-safe.
/// </summary>
/// <remarks>
/// Looks only at quotes, brackets and what stands directly in the root object, skipping by vectorised search: answers of embeddings are tens
/// of megabytes of numbers. Whether the pieces in between are valid JSON is for the caller's parser to say; whether the document is whole is known.
/// </remarks>
internal sealed partial class JsonAnswerScanner : IDisposable
{
    /// <summary>Bytes kept from the caller until the answer is recorded.</summary>
    public const int KeepBack = 1024;

    /// <summary>Space after the document that is given on; more of it is dropped, or the document's end would go out before it is recorded.</summary>
    private const int MaxTrailing = KeepBack / 2;

    private const int MaxNameBytes = 32; // "model" with each letter escaped is 30
    private const int MaxUsageBytes = 64 * 1024;

    private readonly ReadOnlyMemory<byte> _model;
    private readonly PooledBytes _output;
    private readonly PooledBytes _usage;
    private readonly byte[] _name = new byte[MaxNameBytes];
    private int _nameLength;
    private int _depth;
    private int _markLength;
    private int _trailing;
    private Place _place = Place.ByteOrderMark;
    private Member _member;
    private bool _escaped;
    private bool _dropping;
    private bool _complete;

    /// <param name="canonicalModelJson">What the caller sees as <c>model</c>: a JSON string with its quotes.</param>
    /// <param name="budget">What is kept of the answer takes from it; null where nobody counts.</param>
    public JsonAnswerScanner(ReadOnlyMemory<byte> canonicalModelJson, IByteBudget? budget = null)
    {
        _model = canonicalModelJson;
        _output = new PooledBytes(budget);
        _usage = new PooledBytes(budget);
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
        Other,
        Model,
        Usage,
    }

    /// <summary>What may go to the caller now; valid until the next call of any method.</summary>
    public ReadOnlyMemory<byte> Ready => _output.Memory[..Math.Max(0, _output.Length - KeepBack)];

    /// <summary>The last bytes of a whole answer, to be sent after it is recorded; empty before <see cref="Complete"/> and if <see cref="Whole"/> is false.</summary>
    public ReadOnlyMemory<byte> Held => Whole ? _output.Memory[Math.Max(0, _output.Length - KeepBack)..] : default;

    /// <summary>Whether the document was closed and nothing followed it.</summary>
    public bool Whole => _complete && _place == Place.End;

    /// <summary>What the provider reported, if it could be read.</summary>
    public TokenUsage? Usage { get; private set; }

    /// <summary>Bytes taken from the provider.</summary>
    public long Length { get; private set; }

    public void ClearReady() => _output.RemoveFirst(Math.Max(0, _output.Length - KeepBack));

    /// <summary>The provider closed the answer.</summary>
    public void Complete() => _complete = true;

    public void Dispose()
    {
        _output.Dispose();
        _usage.Dispose();
    }

    /// <summary>Takes the next bytes from the provider.</summary>
    public void Append(ReadOnlySpan<byte> upstream)
    {
        Length += upstream.Length;
        for (var at = 0; at < upstream.Length;)
        {
            at += Step(upstream[at..]);
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
        return Place.Name;
    }

    private int BeginValue(ReadOnlySpan<byte> bytes)
    {
        _member = Identify();
        if (_member == Member.Model)
        {
            _output.Append(_model.Span);
            _dropping = true;
        }

        _usage.Clear();
        switch (bytes[0])
        {
            case (byte)'"':
                _place = Place.String;
                break;
            case (byte)'{' or (byte)'[':
                _place = Place.Container;
                _depth = 1;
                break;
            default:
                _place = Place.Scalar;
                return SkipScalar(bytes);
        }

        return Emit(bytes[..1]);
    }

    private Member Identify()
    {
        if (_nameLength > MaxNameBytes)
        {
            return Member.Other;
        }

        Span<byte> scratch = stackalloc byte[MaxNameBytes];
        var raw = _name.AsSpan(0, _nameLength);
        var name = JsonText.Meaning(raw, raw.Contains((byte)'\\'), scratch);
        return name.SequenceEqual("model"u8) ? Member.Model : name.SequenceEqual("usage"u8) ? Member.Usage : Member.Other;
    }

    private int Emit(ReadOnlySpan<byte> bytes)
    {
        if (!_dropping)
        {
            _output.Append(bytes);
        }

        if (_member == Member.Usage && _usage.Length <= MaxUsageBytes)
        {
            _usage.Append(bytes[..Math.Min(bytes.Length, MaxUsageBytes + 1 - _usage.Length)]);
        }

        return bytes.Length;
    }
}
