using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration.Api;

// What requests hold, for the API's description. They are read member by member, which tells a member that is null from one that is
// not there and names every mistake at once; these records say the same to whoever generates a client.

/// <summary>An account to create. A limit that is not there is no limit.</summary>
internal sealed record NewAccountBody(
    string Name, long? RequestsPerMinute = null, long? TokensPerMinute = null, int? MaxConcurrent = null, SpendLimit? SpendLimit = null);

/// <summary>An edit of an account: what is not there stays; null clears a limit.</summary>
internal sealed record AccountChangesBody(
    string? Name = null, AccountStatus? Status = null, long? RequestsPerMinute = null, long? TokensPerMinute = null, int? MaxConcurrent = null, SpendLimit? SpendLimit = null);

/// <summary>Money to put into an account, or to take out.</summary>
/// <param name="Amount">A decimal with at most 9 decimals; negative to correct a mistake.</param>
/// <param name="IdempotencyKey">The same key gives the same entry however often it is sent.</param>
/// <param name="Force">A correction may take the balance below zero, and what running calls hold.</param>
internal sealed record CreditBody(Money Amount, string? Note = null, string? IdempotencyKey = null, bool? Force = null);

/// <summary>For how long an account's calls are logged in detail.</summary>
/// <param name="Minutes">From 0, which ends it, to 60.</param>
internal sealed record DebugBody(int Minutes);

/// <summary>A key to create. A limit that is not there is no limit.</summary>
/// <param name="Models">Patterns of model names, <c>*</c> for any text.</param>
/// <param name="AllowedAddresses">Addresses and CIDR networks.</param>
internal sealed record NewKeyBody(
    string Name,
    DateTime? ExpiresAt = null,
    IReadOnlyList<string>? Models = null,
    long? RequestsPerMinute = null,
    long? TokensPerMinute = null,
    int? MaxConcurrent = null,
    SpendLimit? SpendLimit = null,
    IReadOnlyList<string>? AllowedAddresses = null);

/// <summary>An edit of a key: what is not there stays; null clears.</summary>
/// <param name="Models">Patterns of model names, <c>*</c> for any text.</param>
/// <param name="AllowedAddresses">Addresses and CIDR networks.</param>
internal sealed record KeyChangesBody(
    string? Name = null,
    DateTime? ExpiresAt = null,
    IReadOnlyList<string>? Models = null,
    long? RequestsPerMinute = null,
    long? TokensPerMinute = null,
    int? MaxConcurrent = null,
    SpendLimit? SpendLimit = null,
    IReadOnlyList<string>? AllowedAddresses = null);

/// <summary>A token to create.</summary>
/// <param name="Name">Unique; the audit log names whoever uses the token by it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="ExpiresAt">In the future; never if it is not there.</param>
internal sealed record NewTokenBody(string Name, IReadOnlyList<string> Scopes, DateTime? ExpiresAt = null);

/// <summary>An edit of a token: what is not there stays; an <c>expiresAt</c> of null clears it.</summary>
internal sealed record TokenChangesBody(string? Name = null, IReadOnlyList<string>? Scopes = null, DateTime? ExpiresAt = null);

/// <summary>Redemption codes to make.</summary>
/// <param name="Amount">What each of them is worth.</param>
/// <param name="Count">1 to 1000; 1 if it is not there.</param>
/// <param name="Batch">What they are called together; named by the time if it is not there.</param>
internal sealed record NewRedemptionCodesBody(Money Amount, int? Count = null, string? Batch = null, string? Note = null, DateTime? ExpiresAt = null);

/// <summary>A batch of redemption codes to revoke.</summary>
internal sealed record RevokeBatchBody(string Batch);

/// <summary>A redemption code to turn into money.</summary>
/// <param name="Code">As it was shown; blanks, dashes and capitals do not matter.</param>
internal sealed record RedeemBody(string Code);

/// <summary>An error, as RFC 9457 has it.</summary>
/// <param name="Detail">What is wrong and what to do about it.</param>
/// <param name="RequestId">Of this request; the log has it too.</param>
/// <param name="Errors">What is wrong with which field.</param>
/// <param name="MissingScope">What the token would need.</param>
internal sealed record ApiProblem(
    string? Type,
    string Title,
    int Status,
    string Detail,
    string RequestId,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors = null,
    string? MissingScope = null);
