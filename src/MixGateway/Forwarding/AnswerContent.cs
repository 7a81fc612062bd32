using System.Buffers;

namespace MixGateway.Forwarding;

/// <summary>What the first bytes of an answer say that it is; its content type is often wrong.</summary>
internal enum AnswerForm
{
    /// <summary>Neither of the others: a page, plain words, or nothing at all.</summary>
    Unknown,
    Json,
    EventStream,
}

/// <summary>
/// The body of a provider's answer, of which the first bytes were read to see what it is. They are read again by whoever relays it.
/// </summary>
internal sealed class AnswerContent : IDisposable
{
    private const int FirstRead = 4096;

    /// <summary>The longest that may stand before what tells: a byte order mark and blank lines.</summary>
    private const int MaxBlank = FirstRead;

    private readonly Stream _stream;
    private byte[] _first = ArrayPool<byte>.Shared.Rent(FirstRead);
    private int _start;
    private int _end;

    /// <param name="status">The answer's status, a success.</param>
    public AnswerContent(Stream stream, int status)
    {
        _stream = stream;
        Status = status;
    }

    public int Status { get; }

    /// <summary>What was read to see the form and is still to be relayed.</summary>
    public ReadOnlySpan<byte> First => _first.AsSpan(_start, _end - _start);

    /// <summary>Reads until the form is known, which ends the wait for the answer's first byte.</summary>
    public async ValueTask<AnswerForm> TellFormAsync(Call call)
    {
        AnswerForm form;
        while (!TryTell(out form))
        {
            var read = await _stream.ReadAsync(_first.AsMemory(_end), call.Watch.Token);
            if (read == 0)
            {
                break;
            }

            call.Watch.OnRead();
            call.OnFirstByte();
            _end += read;
        }

        return form;
    }

    /// <summary>Reads on, from the first byte.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return _stream.ReadAsync(buffer, cancellationToken);
        }

        var length = Math.Min(buffer.Length, _end - _start);
        _first.AsSpan(_start, length).CopyTo(buffer.Span);
        _start += length;
        return ValueTask.FromResult(length);
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (_first.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_first);
            _first = [];
            _start = _end = 0;
        }
    }

    /// <returns>True if the form is known, or is not going to be.</returns>
    private bool TryTell(out AnswerForm form)
    {
        form = AnswerForm.Unknown;
        var bytes = First;
        if (bytes.Length < 3 && "\uFEFF"u8.StartsWith(bytes))
        {
            return false;
        }

        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        bytes = bytes.TrimStart(" \t\r\n"u8);
        if (bytes.IsEmpty)
        {
            return _end >= MaxBlank;
        }

        form = AnswerForms.Tell(bytes, out var certain);
        return certain || _end >= MaxBlank;
    }
}
