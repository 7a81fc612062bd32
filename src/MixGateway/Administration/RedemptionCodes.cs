using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Redemption codes: money that goes to whoever types the code first.</summary>
internal sealed class RedemptionCodes(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    public async Task<Outcome<RedemptionBatch>> CreateAsync(Actor actor, NewRedemptionCodes codes)
    {
        var now = time.Now();
        var errors = new FieldErrors();
        codes.Check(errors, now);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        var batch = codes.Batch ?? now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var expiresAt = codes.ExpiresAt?.WholeMilliseconds();
        var created = new List<CreatedRedemptionCode>();
        await using var database = await databases.CreateDbContextAsync();
        for (var i = 0L; i < (codes.Count ?? 1); i++)
        {
            var text = RedemptionText.New();
            var row = new RedemptionCodeRow
            {
                Id = AdministrationClock.NewId(now),
                Batch = batch,
                Sha256 = RedemptionText.Hash(text)!,
                Prefix = RedemptionText.Display(text),
                Amount = codes.Amount!.Value.Nanos,
                Note = codes.Note,
                ExpiresAt = expiresAt,
                CreatedAt = now,
                CreatedBy = actor.Name,
            };
            database.RedemptionCodes.Add(row);
            created.Add(new CreatedRedemptionCode(RedemptionCode.Of(row, now), text));
        }

        var after = new { codes.Amount, created.Count, codes.Note, ExpiresAt = expiresAt };
        database.AuditEntries.Add(AuditEntry.Of(actor, now, "codes.create", batch, null, after));
        await using var transaction = await database.BeginDurableAsync();
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return new RedemptionBatch(batch, codes.Amount!.Value, expiresAt, created);
    }

    /// <summary>Newest first.</summary>
    public async Task<Outcome<Page<RedemptionCode>>> ListAsync(RedemptionCodeFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.Now();
        var codes = Filter(database.RedemptionCodes.AsNoTracking(), filter, now);
        if (page.After is { } after)
        {
            if (!after.TryGet(out Guid last))
            {
                return Refusal.BadCursor();
            }

            codes = codes.Where(code => code.Id.CompareTo(last) < 0);
        }

        var rows = await codes.OrderByDescending(code => code.Id).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, row => RedemptionCode.Of(row, now), static row => Cursor.Of(row.Id));
    }

    public async Task<Outcome<RedemptionCode>> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.RedemptionCodes.AsNoTracking().SingleOrDefaultAsync(code => code.Id == id, cancellationToken);
        return row is null ? Refusal.NotFound("redemption code", id) : RedemptionCode.Of(row, time.Now());
    }

    /// <summary>For good; a code that is revoked already stays as it is, and what was redeemed is not taken back.</summary>
    public async Task<Outcome<RedemptionCode>> RevokeAsync(Actor actor, Guid id)
    {
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        var now = time.Now();

        // Who redeems changes the row under the same condition, so that only one of both succeeds.
        var revoked = await database.RedemptionCodes.Where(code => code.Id == id && code.RedeemedBy == null && code.RevokedAt == null)
            .ExecuteUpdateAsync(code => code.SetProperty(each => each.RevokedAt, now));
        if (await database.RedemptionCodes.AsNoTracking().SingleOrDefaultAsync(code => code.Id == id) is not { } row)
        {
            return Refusal.NotFound("redemption code", id);
        }

        if (row.RedeemedBy is { } accountId)
        {
            return Refusal.Conflict($"The code is redeemed by the account {accountId}. Correct its balance with a negative credit instead.");
        }

        if (revoked > 0)
        {
            database.AuditEntries.Add(AuditEntry.Of(actor, now, "code.revoke", id, null, new { row.Prefix, row.Batch, Amount = new Money(row.Amount) }));
            await database.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        return RedemptionCode.Of(row, now);
    }

    /// <summary>Revokes what is left of a batch.</summary>
    public async Task<Outcome<RevokedBatch>> RevokeBatchAsync(Actor actor, string? batch)
    {
        var errors = new FieldErrors();
        errors.CheckLine("batch", batch, TextRules.MaxNameLength);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        var now = time.Now();
        var revoked = await database.RedemptionCodes.Where(code => code.Batch == batch && code.RedeemedBy == null && code.RevokedAt == null)
            .ExecuteUpdateAsync(code => code.SetProperty(each => each.RevokedAt, now));
        if (revoked == 0 && !await database.RedemptionCodes.AnyAsync(code => code.Batch == batch))
        {
            return new Refusal(RefusalReason.NotFound, "There is no batch with this name.");
        }

        database.AuditEntries.Add(AuditEntry.Of(actor, now, "codes.revoke", batch!, null, new { Revoked = revoked }));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return new RevokedBatch(batch!, revoked);
    }

    private static IQueryable<RedemptionCodeRow> Filter(IQueryable<RedemptionCodeRow> codes, RedemptionCodeFilter filter, DateTime now)
    {
        if (filter.Batch is { } batch)
        {
            codes = codes.Where(code => code.Batch == batch);
        }

        if (filter.AccountId is { } accountId)
        {
            codes = codes.Where(code => code.RedeemedBy == accountId);
        }

        return filter.Status switch
        {
            RedemptionCodeStatus.Redeemed => codes.Where(code => code.RedeemedBy != null),
            RedemptionCodeStatus.Revoked => codes.Where(code => code.RedeemedBy == null && code.RevokedAt != null),
            RedemptionCodeStatus.Expired => codes.Where(code => code.RedeemedBy == null && code.RevokedAt == null && code.ExpiresAt <= now),
            RedemptionCodeStatus.Active =>
                codes.Where(code => code.RedeemedBy == null && code.RevokedAt == null && (code.ExpiresAt == null || code.ExpiresAt > now)),
            _ => codes,
        };
    }
}
