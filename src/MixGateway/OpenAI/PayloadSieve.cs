using System.Buffers;

namespace MixGateway.OpenAI;

/// <summary>
/// Tells text from the base64 of embedded files in it: what follows <c>;base64,</c> (RFC 2397) up to the first other character.
/// Works over any cut, since a stream brings a picture in pieces.
/// </summary>
internal record struct PayloadSieve
{
    /// <summary>base64 and base64url (RFC 4648); the backslash is JSON's, where a slash is written as <c>\/</c>.</summary>
    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    private static ReadOnlySpan<byte> Marker => ";base64,"u8;

    /// <summary>How many bytes of the marker the text so far ends with.</summary>
    private int _matched;
    private bool _inPayload;

    /// <summary>Moves <paramref name="bytes"/> to where text begins again.</summary>
    /// <returns>How many bytes from there are text, the marker included; 0 only if nothing is left.</returns>
    public int NextText(ref ReadOnlySpan<byte> bytes)
    {
        if (_inPayload)
        {
            var end = bytes.IndexOfAnyExcept(Alphabet);
            if (end < 0)
            {
                bytes = [];
                return 0;
            }

            _inPayload = false;
            bytes = bytes[end..];
        }

        if (_matched > 0 && bytes.StartsWith(Marker[_matched..]))
        {
            var rest = Marker.Length - _matched;
            Enter();
            return rest;
        }

        var at = bytes.IndexOf(Marker);
        if (at >= 0)
        {
            Enter();
            return at + Marker.Length;
        }

        _matched = MatchAtEnd(bytes);
        return bytes.Length;
    }

    private void Enter()
    {
        _matched = 0;
        _inPayload = true;
    }

    private readonly int MatchAtEnd(ReadOnlySpan<byte> bytes)
    {
        if (_matched > 0 && bytes.Length < Marker.Length - _matched && Marker[_matched..].StartsWith(bytes))
        {
            return _matched + bytes.Length;
        }

        for (var length = Math.Min(Marker.Length - 1, bytes.Length); length > 0; length--)
        {
            if (bytes.EndsWith(Marker[..length]))
            {
                return length;
            }
        }

        return 0;
    }
}
