namespace MixGateway.OpenAI;

/// <summary>Finds where an event ends: after its first blank line. Looks at every byte once, however the stream is cut.</summary>
/// <remarks>Line ends are LF, CRLF or CR (WHATWG HTML §9.2.6); a CR at the end of the known bytes waits, since LF may belong to it.</remarks>
internal struct SseBoundary
{
    private bool _lineHasBytes;
    private bool _returnPending;

    /// <summary>Whether the event is whole if nothing more comes.</summary>
    public readonly bool EndsIfStreamEnds => _returnPending && !_lineHasBytes;

    /// <summary>Goes on with the next bytes, up to the end of the event.</summary>
    /// <returns>How many of <paramref name="bytes"/> belong to the event that ends here, maybe 0; or -1 if it does not end in them.</returns>
    public int FindEnd(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        if (_returnPending && bytes.Length > 0)
        {
            _returnPending = false;
            at = bytes[0] == (byte)'\n' ? 1 : 0;
            if (!_lineHasBytes)
            {
                return at;
            }

            _lineHasBytes = false;
        }

        while (true)
        {
            var length = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r');
            if (length < 0)
            {
                _lineHasBytes |= at < bytes.Length;
                return -1;
            }

            _lineHasBytes |= length > 0;
            at += length;
            if (bytes[at] == (byte)'\r' && at + 1 == bytes.Length)
            {
                _returnPending = true;
                return -1;
            }

            at += bytes[at] == (byte)'\r' && bytes[at + 1] == (byte)'\n' ? 2 : 1;
            if (!_lineHasBytes)
            {
                return at;
            }

            _lineHasBytes = false;
        }
    }
}
