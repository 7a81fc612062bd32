namespace MixGateway.Administration;

/// <summary>What a token of the management API may do. Every call needs exactly one of them.</summary>
internal static class Scopes
{
    /// <summary>See accounts, their balances and ledgers.</summary>
    public const string AccountsRead = "accounts:read";

    /// <summary>Create, rename, limit, suspend accounts.</summary>
    public const string AccountsWrite = "accounts:write";

    /// <summary>See, create, change, revoke the keys of any account.</summary>
    public const string Keys = "keys";

    /// <summary>Put money into accounts and take it out, redeem codes for them.</summary>
    public const string Credits = "credits";

    /// <summary>Make, see, revoke redemption codes.</summary>
    public const string Codes = "codes";

    /// <summary>See usage records and their sums.</summary>
    public const string UsageRead = "usage:read";

    /// <summary>See providers and the catalog, see and stop calls, reconcile.</summary>
    public const string Operations = "operations";

    /// <summary>See the audit log.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>Make, change, revoke tokens; none with a scope that one lacks.</summary>
    public const string Tokens = "tokens";

    public static readonly IReadOnlyList<string> All = [AccountsRead, AccountsWrite, Keys, Credits, Codes, UsageRead, Operations, AuditRead, Tokens];
}
