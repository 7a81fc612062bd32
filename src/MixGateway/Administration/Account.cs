using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>An account as it is shown. Null in a limit means that there is none.</summary>
/// <param name="Balance">What is not yet charged.</param>
/// <param name="Held">What running calls hold of it.</param>
/// <param name="Available">The difference: what the next call may cost at most.</param>
internal sealed record Account(
    Guid Id,
    string Name,
    AccountStatus Status,
    Money Balance,
    Money Held,
    Money Available,
    long? RequestsPerMinute,
    long? TokensPerMinute,
    int? MaxConcurrent,
    SpendLimit? SpendLimit,
    DateTime CreatedAt)
{
    public static Account Of(AccountRow row, Money balance, Money held) => new(
        row.Id,
        row.Name,
        row.Status,
        balance,
        held,
        balance - held,
        row.RequestsPerMinute,
        row.TokensPerMinute,
        row.MaxConcurrent,
        SpendLimit.Of(row),
        row.CreatedAt);
}

/// <summary>An edit of an account.</summary>
internal sealed record AccountChanges(Optional<string?> Name, Optional<AccountStatus?> Status, LimitChanges Limits = default)
{
    public void Check(FieldErrors errors)
    {
        if (Name.IsSet)
        {
            errors.CheckLine("name", Name.Value, TextRules.MaxNameLength);
        }

        if (Status is { IsSet: true, Value: null })
        {
            errors.Add("status", "Cannot be cleared: active or suspended.");
        }

        Limits.Check(errors);
    }
}
