using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A redeemed code.</summary>
/// <param name="IsReplay">True if the account had redeemed the same code before.</param>
internal sealed record Redemption(LedgerEntry Entry, bool IsReplay);

/// <summary>
/// Turns a code into money of an account, once: code, ledger and balance change in one transaction, under the lock of the account, and
/// of two accounts that try the same code the row's condition lets one win.
/// </summary>
internal sealed class Redemptions(AccountTransaction transaction)
{
    /// <summary>What the audit log calls a code that was refused; the limit counts these.</summary>
    public const string RefusedAction = "code.refused";

    /// <summary>Nobody guesses 125 bits, but nobody needs more tries than this either.</summary>
    public const int MaxRefusals = 10;

    public static readonly TimeSpan RefusalWindow = TimeSpan.FromMinutes(15);

    public async Task<Outcome<Redemption>> RedeemAsync(Actor actor, Guid accountId, string? typed)
    {
        var errors = new FieldErrors();
        errors.CheckLine("code", typed, RedemptionText.MaxTypedLength);
        return errors.Any
            ? Refusal.Invalid(errors)
            : await transaction.RunAsync<Redemption>(actor, accountId, edit => RedeemAsync(edit, RedemptionText.Hash(typed!)));
    }

    private static async Task<Outcome<Redemption>> RedeemAsync(AccountEdit edit, byte[]? hash)
    {
        if (edit.Account.Status == AccountStatus.Suspended)
        {
            return Refusal.Conflict("The account is suspended.");
        }

        var since = edit.Now - RefusalWindow;
        var target = edit.Account.Id.ToString();
        if (await edit.Database.AuditEntries.CountAsync(entry => entry.Target == target && entry.Action == RefusedAction && entry.At > since) >= MaxRefusals)
        {
            return Refusal.TooMany("Too many codes of this account were refused. Wait a quarter of an hour.", RefusalWindow);
        }

        if (hash is null || await edit.Database.RedemptionCodes.AsNoTracking().SingleOrDefaultAsync(code => code.Sha256 == hash) is not { } row)
        {
            return Refuse(edit, null, new Refusal(RefusalReason.NotFound, "There is no such code. Check it letter by letter."));
        }

        if (await ClaimAsync(edit, row.Id))
        {
            return Book(edit, row);
        }

        var found = await edit.Database.RedemptionCodes.AsNoTracking().SingleAsync(code => code.Id == row.Id);
        return found.RedeemedBy == edit.Account.Id
            ? await ReplayAsync(edit, found)
            : Refuse(edit, found.Prefix, Refusal.Conflict(Explain(found)));
    }

    /// <summary>Makes the code this account's; false if somebody was faster, or it is no longer valid. Waits for who is about to.</summary>
    private static async Task<bool> ClaimAsync(AccountEdit edit, Guid id)
    {
        var now = edit.Now;
        return await edit.Database.RedemptionCodes
            .Where(code => code.Id == id && code.RedeemedBy == null && code.RevokedAt == null && (code.ExpiresAt == null || code.ExpiresAt > now))
            .ExecuteUpdateAsync(code => code
                .SetProperty(each => each.RedeemedBy, edit.Account.Id)
                .SetProperty(each => each.RedeemedAt, now)
                .SetProperty(each => each.LedgerSequence, edit.Account.Version + 1)) == 1;
    }

    private static Outcome<Redemption> Book(AccountEdit edit, RedemptionCodeRow code)
    {
        var account = edit.Account;
        var before = new { Balance = new Money(account.Balance) };
        var balance = (Int128)account.Balance + code.Amount;
        if (balance > long.MaxValue)
        {
            return Refusal.Conflict("The balance would be out of range.");
        }

        account.Balance = (long)balance;
        var after = new { Balance = new Money(account.Balance), Amount = new Money(code.Amount), code.Prefix, code.Batch };
        edit.Record("code.redeem", code.Id, before, after);
        var entry = new LedgerEntryRow
        {
            AccountId = account.Id,
            Sequence = account.Version,
            Id = AdministrationClock.NewId(edit.Now),
            Kind = LedgerKind.Redemption,
            Amount = code.Amount,
            BalanceAfter = account.Balance,
            Note = code.Prefix,
            CreatedAt = edit.Now,
        };
        edit.Database.LedgerEntries.Add(entry);
        return new Redemption(LedgerEntry.Of(entry), IsReplay: false);
    }

    /// <summary>Who asks again, because the first answer was lost, gets it again.</summary>
    private static async Task<Outcome<Redemption>> ReplayAsync(AccountEdit edit, RedemptionCodeRow code)
    {
        var entry = await edit.Database.LedgerEntries.AsNoTracking()
            .SingleAsync(each => each.AccountId == edit.Account.Id && each.Sequence == code.LedgerSequence);
        return new Redemption(LedgerEntry.Of(entry), IsReplay: true);
    }

    private static Refusal Refuse(AccountEdit edit, string? prefix, Refusal refusal)
    {
        edit.RecordRefusal(RefusedAction, prefix is null ? null : new { Prefix = prefix });
        return refusal;
    }

    private static string Explain(RedemptionCodeRow code) => code switch
    {
        { RedeemedBy: not null } => "The code is redeemed already.",
        { RevokedAt: not null } => "The code is revoked.",
        _ => "The code is expired.",
    };
}
