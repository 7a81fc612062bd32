using System.Text.Json.Serialization;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Whether a key is taken.</summary>
internal enum KeyStatus
{
    Active,
    Revoked,

    /// <summary>Not revoked, but its time is over.</summary>
    Expired,
}

/// <summary>A key as it is shown, without its secret. Null in a limit means that there is none.</summary>
/// <param name="Prefix">Its first and last characters, to recognise it by.</param>
internal record Key(
    Guid Id,
    Guid AccountId,
    string Name,
    string Prefix,
    KeyStatus Status,
    DateTime? ExpiresAt,
    IReadOnlyList<string>? Models,
    long? RequestsPerMinute,
    long? TokensPerMinute,
    int? MaxConcurrent,
    SpendLimit? SpendLimit,
    IReadOnlyList<string>? AllowedAddresses,
    DateTime CreatedAt,
    DateTime? RevokedAt)
{
    public static Key Of(ApiKeyRow row, DateTime now) => new(
        row.Id,
        row.AccountId,
        row.Name,
        row.Prefix,
        StatusOf(row, now),
        row.ExpiresAt,
        row.AllowedModels,
        row.RequestsPerMinute,
        row.TokensPerMinute,
        row.MaxConcurrent,
        SpendLimit.Of(row),
        row.AllowedAddresses,
        row.CreatedAt,
        row.RevokedAt);

    private static KeyStatus StatusOf(ApiKeyRow row, DateTime now) => row switch
    {
        { Status: ApiKeyStatus.Revoked } => KeyStatus.Revoked,
        { ExpiresAt: { } end } when end <= now => KeyStatus.Expired,
        _ => KeyStatus.Active,
    };
}

/// <summary>A key at its creation: the one time that its secret is shown.</summary>
internal sealed record CreatedKey : Key
{
    public CreatedKey(Key key, string secret)
        : base(key) => Secret = secret;

    [JsonPropertyName("key")]
    public string Secret { get; }

    /// <summary>Without the secret, so that it does not end in a log.</summary>
    public override string ToString() => $"{nameof(CreatedKey)} {Id}";
}
