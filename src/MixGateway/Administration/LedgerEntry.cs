using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A change of a balance as it is shown.</summary>
/// <param name="Amount">Negative where the balance fell.</param>
/// <param name="RequestId">The call that was charged, if it was one.</param>
/// <param name="CreatedAt">In whole milliseconds, as every other time: how fine the time of a call's entry is kept differs with the database.</param>
internal sealed record LedgerEntry(
    Guid Id,
    LedgerKind Kind,
    Money Amount,
    Money BalanceAfter,
    Guid? RequestId,
    string? Note,
    DateTime CreatedAt)
{
    public static LedgerEntry Of(LedgerEntryRow row) =>
        new(row.Id, row.Kind, new Money(row.Amount), new Money(row.BalanceAfter), row.RequestId, row.Note, row.CreatedAt.WholeMilliseconds());
}
