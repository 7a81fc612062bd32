using System.Security.Cryptography;
using System.Text.Json;
using MixGateway.Billing;

namespace MixGateway.Administration;

/// <summary>Money put into an account by an administrator.</summary>
/// <param name="Amount">Negative to correct a mistake. Required; null is refused.</param>
/// <param name="IdempotencyKey">The same key gives the same entry however often it is sent.</param>
/// <param name="Force">A correction may take the balance below zero.</param>
internal sealed record Credit(Money? Amount, string? Note, string? IdempotencyKey, bool Force)
{
    /// <summary>More than anybody tops up, and far from where balances overflow.</summary>
    public static readonly Money MaxAmount = new(1_000_000_000 * Money.NanosPerUnit);

    public void Check(FieldErrors errors)
    {
        if (Amount is not { } amount || amount == Money.Zero || amount > MaxAmount || amount < -MaxAmount)
        {
            errors.Add("amount", $"Has to be a decimal with at most 9 decimals, not 0, from -{MaxAmount} to {MaxAmount}.");
        }

        if (Note is not null)
        {
            errors.CheckText("note", Note, TextRules.MaxNoteLength);
        }

        if (IdempotencyKey is not null)
        {
            errors.CheckLine("idempotencyKey", IdempotencyKey, TextRules.MaxIdempotencyKeyLength);
        }
    }

    /// <summary>Of what the request means, not of its bytes: <c>"5"</c> and <c>5.0</c> are the same amount.</summary>
    public byte[] Hash() => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { Amount, Note, Force }, AdministrationJson.Options));
}

/// <param name="IsReplay">True if an earlier request with the same idempotency key made the entry.</param>
internal sealed record CreditOutcome(LedgerEntry Entry, bool IsReplay);
