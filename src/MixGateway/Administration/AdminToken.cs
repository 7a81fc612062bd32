using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A token of the management API as it is shown, without its secret.</summary>
/// <param name="Prefix">Its first and last characters, to recognise it by.</param>
/// <param name="LastUsedAt">To the minute or so.</param>
internal record AdminToken(
    Guid Id,
    string Name,
    string Prefix,
    IReadOnlyList<string> Scopes,
    KeyStatus Status,
    DateTime? ExpiresAt,
    DateTime? LastUsedAt,
    DateTime CreatedAt,
    string CreatedBy,
    DateTime? RevokedAt)
{
    /// <summary>What every token begins with, so that scanners of leaked secrets find it.</summary>
    public const string SecretPrefix = "mgt-";

    private const int RandomLength = 48;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static AdminToken Of(AdminTokenRow row, DateTime now) => new(
        row.Id,
        row.Name,
        row.Prefix,
        row.Scopes,
        row.RevokedAt is not null ? KeyStatus.Revoked : row.ExpiresAt <= now ? KeyStatus.Expired : KeyStatus.Active,
        row.ExpiresAt,
        row.LastUsedAt,
        row.CreatedAt,
        row.CreatedBy,
        row.RevokedAt);

    /// <summary>A new token, to be shown once.</summary>
    public static string NewSecret() => SecretPrefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);

    /// <summary>False for what cannot be a token, so that nothing is looked up for it.</summary>
    public static bool HasForm(ReadOnlySpan<char> text) => text.Length == SecretPrefix.Length + RandomLength && text.StartsWith(SecretPrefix, StringComparison.Ordinal);

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}

/// <summary>A token at its creation: the one time that its secret is shown.</summary>
internal sealed record CreatedAdminToken : AdminToken
{
    public CreatedAdminToken(AdminToken token, string secret)
        : base(token) => Secret = secret;

    [JsonPropertyName("token")]
    public string Secret { get; }

    /// <summary>Without the secret, so that it does not end in a log.</summary>
    public override string ToString() => $"{nameof(CreatedAdminToken)} {Id}";
}

/// <summary>A new token, or an edit of one, where what is not set is unchanged.</summary>
internal sealed record AdminTokenChanges(Optional<string?> Name, Optional<IReadOnlyList<string>?> Scopes = default, Optional<DateTime?> ExpiresAt = default)
{
    /// <param name="isNew">A new token has to have a name and scopes.</param>
    /// <param name="now">UTC.</param>
    public void Check(FieldErrors errors, bool isNew, DateTime now)
    {
        if (isNew || Name.IsSet)
        {
            errors.CheckLine("name", Name.Value, TextRules.MaxNameLength);
        }

        if ((isNew || Scopes.IsSet)
            && (Scopes.Value is not { Count: > 0 } scopes || scopes.Except(Administration.Scopes.All, StringComparer.Ordinal).Any()))
        {
            errors.Add("scopes", $"Has to be a list of one or more of: {string.Join(", ", Administration.Scopes.All)}.");
        }

        if (ExpiresAt.Value is { } end && end <= now)
        {
            errors.Add("expiresAt", "Has to be in the future.");
        }
    }

    public void Apply(AdminTokenRow row)
    {
        row.Name = Name.Or(row.Name)!;
        row.ExpiresAt = ExpiresAt.Or(row.ExpiresAt)?.WholeMilliseconds();
        if (Scopes.IsSet)
        {
            // In one order, so that the same scopes are never a change.
            row.Scopes = [.. Administration.Scopes.All.Intersect(Scopes.Value!, StringComparer.Ordinal)];
        }
    }
}
