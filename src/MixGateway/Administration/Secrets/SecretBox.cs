using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace MixGateway.Administration.Secrets;

/// <summary>
/// Encrypts secrets before they go into the database: AES-256-GCM under a key derived from the master key for each purpose. What a secret
/// belongs to is authenticated with it, so a sealed text that is copied to another row opens nothing.
/// </summary>
internal sealed class SecretBox(MasterKeys keys)
{
    /// <summary>What every sealed text begins with; no authenticator key, recovery code or XML does.</summary>
    private const string Mark = "mk1.";

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeadLength = MasterKey.IdLength + NonceLength + TagLength;

    /// <summary>False without a master key: nothing is encrypted then, and what is encrypted cannot be read.</summary>
    public bool CanSeal => keys.Current is not null;

    public static bool IsSealed(string? text) => text?.StartsWith(Mark, StringComparison.Ordinal) == true;

    /// <summary>True if the text lies as it would be written now.</summary>
    public bool IsCurrent(string text) => keys.Current is { } key ? IsSealed(text) && IdOf(Decode(text)).SequenceEqual(key.Id) : !IsSealed(text);

    /// <summary>True if this gateway has the key that the text is sealed with.</summary>
    public bool CanOpen(string text) => keys.Find(IdOf(Decode(text))) is not null;

    /// <param name="purpose">What kind of secret it is.</param>
    /// <param name="subject">What it belongs to; the same has to be named to open it.</param>
    /// <returns>The secret itself if there is no master key.</returns>
    public string Seal(string purpose, string subject, string secret)
    {
        if (keys.Current is not { } key)
        {
            return secret;
        }

        var plain = Encoding.UTF8.GetBytes(secret);
        var sealedBytes = new byte[HeadLength + plain.Length];
        key.Id.CopyTo(sealedBytes, 0);
        var nonce = sealedBytes.AsSpan(MasterKey.IdLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.For(purpose), TagLength);
        cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(HeadLength), sealedBytes.AsSpan(MasterKey.IdLength + NonceLength, TagLength), Encoding.UTF8.GetBytes(subject));
        return Mark + Base64Url.EncodeToString(sealedBytes);
    }

    /// <exception cref="CryptographicException">The text was changed, belongs to something else, or its master key is missing.</exception>
    public string Open(string purpose, string subject, string text)
    {
        var bytes = Decode(text);
        if (keys.Find(IdOf(bytes)) is not { } key)
        {
            throw new CryptographicException("A secret in the database is encrypted with a master key that is neither Security:MasterKey nor in Security:PreviousMasterKeys.");
        }

        var plain = new byte[bytes.Length - HeadLength];
        using var cipher = new AesGcm(key.For(purpose), TagLength);
        cipher.Decrypt(
            bytes.AsSpan(MasterKey.IdLength, NonceLength), bytes.AsSpan(HeadLength), bytes.AsSpan(MasterKey.IdLength + NonceLength, TagLength), plain, Encoding.UTF8.GetBytes(subject));
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Decode(string text)
    {
        if (IsSealed(text) && Base64Url.IsValid(text.AsSpan(Mark.Length)) && Base64Url.DecodeFromChars(text.AsSpan(Mark.Length)) is { Length: >= HeadLength } bytes)
        {
            return bytes;
        }

        throw new CryptographicException("An encrypted secret in the database is damaged.");
    }

    private static ReadOnlySpan<byte> IdOf(byte[] bytes) => bytes.AsSpan(0, MasterKey.IdLength);
}
