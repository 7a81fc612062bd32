using System.Security.Cryptography;
using System.Text;

namespace MixGateway.Administration.Secrets;

/// <summary>A key outside the database. It encrypts nothing itself: each purpose has a key of its own, derived with HKDF-SHA256 (RFC 5869).</summary>
internal sealed class MasterKey
{
    public const int IdLength = 8;

    private const int DerivedLength = 32;
    private static readonly byte[] Salt = "MixGateway master key v1"u8.ToArray();

    private readonly byte[] _pseudorandom;

    public MasterKey(string text)
    {
        _pseudorandom = HKDF.Extract(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(text.Trim()), Salt);
        Id = Derive("id", IdLength);
    }

    /// <summary>Tells this key from others and says nothing about it.</summary>
    public byte[] Id { get; }

    /// <summary>A new one, as it is set or written to a file.</summary>
    public static string NewText() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>An AES-256 key for one purpose.</summary>
    public byte[] For(string purpose) => Derive("seal:" + purpose, DerivedLength);

    /// <summary>Without the key, so that it does not end in a log.</summary>
    public override string ToString() => $"{nameof(MasterKey)} {Convert.ToHexStringLower(Id)}";

    private byte[] Derive(string info, int length) => HKDF.Expand(HashAlgorithmName.SHA256, _pseudorandom, length, Encoding.UTF8.GetBytes(info));
}
