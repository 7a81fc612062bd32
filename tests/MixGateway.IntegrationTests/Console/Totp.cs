using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace MixGateway.IntegrationTests.Console;

/// <summary>An authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 s.</summary>
internal static class Totp
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <param name="steps">How many steps of 30 s from now; an app whose clock is wrong.</param>
    public static string Code(string secret, int steps = 0)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps);
#pragma warning disable CA5350 // What authenticator apps use.
        var hash = HMACSHA1.HashData(Decode(secret), counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 0xF)) & 0x7FFFFFFF;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string base32)
    {
        List<byte> bytes = [];
        var (buffer, bits) = (0, 0);
        foreach (var letter in base32.TrimEnd('='))
        {
            buffer = (buffer << 5) | Alphabet.IndexOf(letter, StringComparison.OrdinalIgnoreCase);
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes.Add((byte)(buffer >> bits));
                buffer &= (1 << bits) - 1;
            }
        }

        return [.. bytes];
    }
}
