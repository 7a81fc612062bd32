namespace MixGateway.Administration;

/// <summary>
/// What a key is called and may do: at its creation, where what is not set is no limit, or in an edit, where it is unchanged.
/// </summary>
/// <param name="ExpiresAt">UTC, in the future.</param>
/// <param name="Models">Patterns of canonical model names, <c>*</c> for any text.</param>
/// <param name="AllowedAddresses">CIDR networks and single addresses.</param>
internal sealed record KeyPolicy(
    Optional<string?> Name,
    Optional<DateTime?> ExpiresAt = default,
    Optional<IReadOnlyList<string>?> Models = default,
    LimitChanges Limits = default,
    Optional<IReadOnlyList<string>?> AllowedAddresses = default);
