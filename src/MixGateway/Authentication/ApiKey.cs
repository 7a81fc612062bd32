using System.Buffers;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace MixGateway.Authentication;

/// <summary>
/// A caller's key: <c>sk-</c> and 48 letters and digits (285 bits of randomness). Only its SHA-256 and a display prefix are
/// ever stored: a key with that much randomness needs no slow hash.
/// </summary>
internal static class ApiKey
{
    public const string Prefix = "sk-";

    /// <summary>Nothing longer is hashed: a longer header cannot be a key.</summary>
    public const int MaxLength = 256;

    /// <summary>What HTTP allows around a header's value. Other white space, such as a no-break space out of a web page, is part of the key and makes it wrong.</summary>
    public const string Blanks = " \t";

    private const int RandomLength = 48;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>A new key, to be shown once.</summary>
    public static string Create() => Prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>Whether this gateway can have made the key: what it cannot have made is wrong without looking for it.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> key) =>
        key.Length == Prefix.Length + RandomLength
        && key.StartsWith(Prefix, StringComparison.Ordinal)
        && !key[Prefix.Length..].ContainsAnyExcept(Characters);

    /// <summary>What a person recognises a key by: the first 7 and the last 4 characters.</summary>
    public static string Display(string key) => $"{key[..7]}…{key[^4..]}";

    /// <summary>The SHA-256 of the key's UTF-8 bytes.</summary>
    public static KeyHash Hash(ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[MaxLength * 3];
        if (Utf8.FromUtf16(key, utf8, out _, out var written) != OperationStatus.Done)
        {
            throw new ArgumentException($"A key has at most {MaxLength} characters.", nameof(key));
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..written], hash);
        CryptographicOperations.ZeroMemory(utf8);
        return KeyHash.Read(hash);
    }

    /// <summary>The key in an <c>Authorization: Bearer</c> header; false if there is none that could be one.</summary>
    public static bool TryReadBearer(string? header, out ReadOnlySpan<char> key)
    {
        const string Scheme = "Bearer ";
        key = default;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        key = header.AsSpan(Scheme.Length).Trim(Blanks);
        return key.Length is > 0 and <= MaxLength;
    }
}
