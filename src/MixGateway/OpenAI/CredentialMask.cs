using System.Text;

namespace MixGateway.OpenAI;

/// <summary>
/// The last net against a provider that repeats the gateway's credential in an answer: it is overwritten in place, so that no length and
/// no JSON around it changes.
/// </summary>
/// <param name="secret">The credential in use; a shorter one than <see cref="MinLength"/> would be found in any text.</param>
internal readonly struct CredentialMask(string? secret)
{
    public const int MinLength = 6;

    private readonly byte[]? _secret = secret is { Length: >= MinLength } ? Encoding.UTF8.GetBytes(secret) : null;

    /// <summary>The credential's length in bytes; 0 if there is nothing to look for.</summary>
    public int Length => _secret?.Length ?? 0;

    /// <summary>Overwrites every occurrence with asterisks.</summary>
    public void Apply(Span<byte> bytes)
    {
        if (_secret is null)
        {
            return;
        }

        for (var at = bytes.IndexOf(_secret); at >= 0; at = bytes.IndexOf(_secret))
        {
            bytes.Slice(at, _secret.Length).Fill((byte)'*');
            bytes = bytes[(at + _secret.Length)..];
        }
    }
}
