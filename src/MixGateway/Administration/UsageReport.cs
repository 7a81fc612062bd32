using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>Times of a call's start: from the first on, up to the second but without it; null is no bound. Both UTC.</summary>
internal sealed record UsagePeriod(DateTime? From, DateTime? To)
{
    /// <summary>How far back a list goes that is filtered and has no <see cref="From"/>.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromDays(31);

    public void Check(FieldErrors errors)
    {
        if (From >= To)
        {
            errors.Add("to", "Has to be later than from.");
        }
    }
}

/// <summary>Which records to list; null is no filter.</summary>
/// <param name="Model">The canonical name, exactly.</param>
internal sealed record UsageFilter(UsagePeriod Period, Guid? KeyId, string? Model)
{
    public Guid? AccountId { get; init; }

    public string? Provider { get; init; }

    public CallStatus? Status { get; init; }

    public string? ErrorCode { get; init; }

    /// <summary>Only calls of which something is uncollected.</summary>
    public bool Uncollected { get; init; }

    /// <summary>True if there may be few such calls among many, so that the database could look through all months for a page of them.</summary>
    public bool IsNarrow => KeyId is not null || Model is not null || Provider is not null || Status is not null || ErrorCode is not null || Uncollected;
}

/// <summary>A call as the console shows it alone, with what lists and the management API leave out.</summary>
/// <param name="AdmissionMs">From arrival until it was admitted; null where that is not known.</param>
/// <param name="SettlementMs">From the end of the provider's answer until it was settled; null where that is not known.</param>
/// <param name="PurchaseCost">What the provider takes for it; null where that is not known. Not for the account.</param>
internal sealed record UsageDetail(UsageEntry Entry, int? AdmissionMs, int? SettlementMs, Money? PurchaseCost);

/// <summary>What accounts used.</summary>
internal sealed class UsageReport(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>Of an account; newest first.</summary>
    public async Task<Outcome<Page<UsageEntry>>> ListAsync(Guid accountId, UsageFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (!await database.Accounts.AnyAsync(account => account.Id == accountId, cancellationToken))
            {
                return Refusal.NotFound("account", accountId);
            }
        }

        return await ListAllAsync(filter with { AccountId = accountId }, page, cancellationToken);
    }

    /// <summary>Of all accounts; newest first.</summary>
    public async Task<Outcome<Page<UsageEntry>>> ListAllAsync(UsageFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        filter.Period.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var records = Filter(database.UsageRecords.AsNoTracking(), Bounded(filter));
        if (page.After is { } after)
        {
            if (!after.TryGet(out var lastStart, out var lastId))
            {
                return Refusal.BadCursor();
            }

            // The first bound follows from the second, and lets the database skip what is newer.
            records = records.Where(record => record.StartedAt <= lastStart)
                .Where(record => record.StartedAt < lastStart || record.RequestId.CompareTo(lastId) < 0);
        }

        var rows = await records
            .OrderByDescending(record => record.StartedAt).ThenByDescending(record => record.RequestId)
            .Take(page.Take)
            .ToListAsync(cancellationToken);
        return Page.Of(rows, page, UsageEntry.Of, static row => Cursor.Of(row.StartedAt, row.RequestId));
    }

    public async Task<Outcome<UsageEntry>> GetAsync(Guid requestId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.UsageRecords.AsNoTracking().FirstOrDefaultAsync(record => record.RequestId == requestId, cancellationToken);
        return row is null ? Refusal.NotFound("usage record", requestId) : UsageEntry.Of(row);
    }

    public async Task<Outcome<UsageDetail>> ShowAsync(Guid requestId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var row = await database.UsageRecords.AsNoTracking().FirstOrDefaultAsync(record => record.RequestId == requestId, cancellationToken);
        return row is null ? Refusal.NotFound("usage record", requestId) : new UsageDetail(
            UsageEntry.Of(row), row.AdmissionMs, row.SettlementMs, row.PurchaseCost is { } purchase ? new Money(purchase) : null);
    }

    /// <summary>A narrow filter without a beginning begins 31 days before its end.</summary>
    private UsageFilter Bounded(UsageFilter filter) => filter.Period.From is null && filter.IsNarrow
        ? filter with { Period = filter.Period with { From = Before(filter.Period.To ?? time.GetUtcNow().UtcDateTime) } }
        : filter;

    private static DateTime Before(DateTime end) => end - DateTime.UnixEpoch > UsagePeriod.Recent ? end - UsagePeriod.Recent : DateTime.UnixEpoch;

    private static IQueryable<UsageRecordRow> Filter(IQueryable<UsageRecordRow> records, UsageFilter filter)
    {
        if (filter.AccountId is { } accountId)
        {
            records = records.Where(record => record.AccountId == accountId);
        }

        if (filter.Provider is { } provider)
        {
            records = records.Where(record => record.Provider == provider);
        }

        if (filter.Status is { } status)
        {
            records = records.Where(record => record.Status == status);
        }

        if (filter.ErrorCode is { } errorCode)
        {
            records = records.Where(record => record.ErrorCode == errorCode);
        }

        if (filter.Period.From is { } from)
        {
            records = records.Where(record => record.StartedAt >= from);
        }

        if (filter.Period.To is { } to)
        {
            records = records.Where(record => record.StartedAt < to);
        }

        if (filter.KeyId is { } keyId)
        {
            records = records.Where(record => record.KeyId == keyId);
        }

        if (filter.Uncollected)
        {
            records = records.Where(record => record.Charged < record.Cost);
        }

        if (filter.Model is { } model)
        {
            records = records.Where(record => record.Model == model);
        }

        return records;
    }
}
