using System.Text.Json.Serialization;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What a redemption code is still good for.</summary>
internal enum RedemptionCodeStatus
{
    Active,
    Redeemed,
    Revoked,

    /// <summary>Neither redeemed nor revoked, but its time is over.</summary>
    Expired,
}

/// <summary>A redemption code as it is shown, without the code.</summary>
/// <param name="Prefix">Its first group, to recognise it by.</param>
/// <param name="Batch">What the codes that were made together are called.</param>
/// <param name="RedeemedBy">The account that has the money.</param>
internal record RedemptionCode(
    Guid Id,
    string Prefix,
    Money Amount,
    string Batch,
    string? Note,
    RedemptionCodeStatus Status,
    DateTime? ExpiresAt,
    Guid? RedeemedBy,
    DateTime? RedeemedAt,
    DateTime CreatedAt,
    string CreatedBy,
    DateTime? RevokedAt)
{
    public static RedemptionCode Of(RedemptionCodeRow row, DateTime now) => new(
        row.Id,
        row.Prefix,
        new Money(row.Amount),
        row.Batch,
        row.Note,
        StatusOf(row, now),
        row.ExpiresAt,
        row.RedeemedBy,
        row.RedeemedAt,
        row.CreatedAt,
        row.CreatedBy,
        row.RevokedAt);

    private static RedemptionCodeStatus StatusOf(RedemptionCodeRow row, DateTime now) => row switch
    {
        { RedeemedBy: not null } => RedemptionCodeStatus.Redeemed,
        { RevokedAt: not null } => RedemptionCodeStatus.Revoked,
        { ExpiresAt: { } end } when end <= now => RedemptionCodeStatus.Expired,
        _ => RedemptionCodeStatus.Active,
    };
}

/// <summary>A code at its creation: the one time that it is shown.</summary>
internal sealed record CreatedRedemptionCode : RedemptionCode
{
    public CreatedRedemptionCode(RedemptionCode code, string text)
        : base(code) => Text = text;

    [JsonPropertyName("code")]
    public string Text { get; }

    /// <summary>Without the code, so that it does not end in a log.</summary>
    public override string ToString() => $"{nameof(CreatedRedemptionCode)} {Id}";
}

/// <summary>Codes that were made together.</summary>
internal sealed record RedemptionBatch(string Batch, Money Amount, DateTime? ExpiresAt, IReadOnlyList<CreatedRedemptionCode> Codes);

/// <summary>How many codes of a batch were revoked.</summary>
internal sealed record RevokedBatch(string Batch, int Revoked);

/// <summary>Codes to make.</summary>
/// <param name="Amount">Of each.</param>
/// <param name="Batch">Null for a name made of the time.</param>
/// <param name="ExpiresAt">UTC, in the future; null for never.</param>
internal sealed record NewRedemptionCodes(Money? Amount, long? Count, string? Batch, string? Note, DateTime? ExpiresAt)
{
    public const int MaxCount = 1000;

    public void Check(FieldErrors errors, DateTime now)
    {
        if (Amount is not { } amount || amount <= Money.Zero || amount > Credit.MaxAmount)
        {
            errors.Add("amount", $"Has to be a decimal with at most 9 decimals, more than 0 and at most {Credit.MaxAmount}.");
        }

        if (Count is < 1 or > MaxCount)
        {
            errors.Add("count", $"Has to be a whole number from 1 to {MaxCount}.");
        }

        if (Batch is not null)
        {
            errors.CheckLine("batch", Batch, TextRules.MaxNameLength);
        }

        if (Note is not null)
        {
            errors.CheckText("note", Note, TextRules.MaxNoteLength);
        }

        if (ExpiresAt is { } end && end <= now)
        {
            errors.Add("expiresAt", "Has to be in the future.");
        }
    }
}

/// <summary>Which codes to list; null is no filter.</summary>
/// <param name="AccountId">That redeemed them.</param>
internal sealed record RedemptionCodeFilter(string? Batch, RedemptionCodeStatus? Status, Guid? AccountId);
