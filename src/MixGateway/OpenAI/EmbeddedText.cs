using System.Buffers;

namespace MixGateway.OpenAI;

/// <summary>
/// Takes the strings of a long answer as they come and keeps those that can be text: a string that begins with
/// <see cref="HeadBytes"/> of base64 and nothing else is a file.
/// </summary>
internal sealed class EmbeddedText(DeliveredText text)
{
    public const int HeadBytes = 512;

    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    private readonly byte[] _head = new byte[HeadBytes];
    private int _headLength;
    private bool _decided;
    private bool _isFile;

    public void Begin()
    {
        _headLength = 0;
        _decided = false;
        _isFile = false;
    }

    /// <summary>The next raw bytes of the string; escapes count as they are written.</summary>
    public void Append(ReadOnlySpan<byte> raw)
    {
        if (!_decided)
        {
            var length = Math.Min(raw.Length, HeadBytes - _headLength);
            raw[..length].CopyTo(_head.AsSpan(_headLength));
            _headLength += length;
            raw = raw[length..];
            if (_headLength < HeadBytes)
            {
                return;
            }

            Decide();
        }

        if (!_isFile)
        {
            text.Append(raw);
        }
    }

    public void End()
    {
        if (!_decided)
        {
            text.Append(_head.AsSpan(0, _headLength));
        }
    }

    private void Decide()
    {
        _decided = true;
        _isFile = !_head.AsSpan().ContainsAnyExcept(Base64);
        if (!_isFile)
        {
            text.Append(_head);
        }
    }
}
