using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Which calls to sum; null is no filter.</summary>
/// <param name="Model">The canonical name, exactly.</param>
internal sealed record UsageSumFilter(Guid? AccountId = null, Guid? KeyId = null, string? Model = null);

/// <summary>Sums of usage over all accounts. Added up by the database in integers; it refuses a sum that does not fit.</summary>
internal sealed class UsageSummary(IDbContextFactory<GatewayDbContext> databases, BillingCalendar calendar, KeptRecordsReader keptRecords)
{
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>In the order of the groups.</summary>
    /// <param name="filter">Null for all calls.</param>
    public async Task<Outcome<Page<UsageSum>>> SumAsync(
        UsageGroup group, UsagePeriod period, PageRequest page, CancellationToken cancellationToken, UsageSumFilter? filter = null)
    {
        var errors = new FieldErrors();
        period.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var cover = UsageCover.Of(period, calendar);
        if (await RefuseClearedAsync(database, cover, period, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var parts = Filter(UsagePart.Of(database, cover), filter);
        return group switch
        {
            UsageGroup.Day => await ByDayAsync(parts, page, cancellationToken),
            UsageGroup.Model => await ByModelAsync(parts, page, cancellationToken),
            UsageGroup.Key => await ByIdAsync(parts, part => part.KeyId, page, cancellationToken),
            UsageGroup.Account => await ByIdAsync(parts, part => part.AccountId, page, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(group), group, null),
        };
    }

    /// <summary>The accounts whose calls were worth most, those first.</summary>
    public async Task<Outcome<Page<UsageSum>>> TopAccountsAsync(UsagePeriod period, UsageSumFilter? filter, int count, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        period.Check(errors);
        if (errors.Any)
        {
            return Refusal.Invalid(errors);
        }

        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var cover = UsageCover.Of(period, calendar);
        if (await RefuseClearedAsync(database, cover, period, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var parts = Filter(UsagePart.Of(database, cover), filter);
        var rows = await Sum(parts, part => part.AccountId).OrderByDescending(sum => sum.Cost).ThenBy(sum => sum.Group).Take(count).ToListAsync(cancellationToken);
        return new Page<UsageSum>([.. rows.Select(static row => row.View(row.Group.ToString()))], null);
    }

    /// <summary>Part of a day is summed from its records. Where those are gone, the day's own sum is all that is left of it.</summary>
    private async Task<Refusal?> RefuseClearedAsync(GatewayDbContext database, UsageCover cover, UsagePeriod period, CancellationToken cancellationToken)
    {
        if (cover.CutDays.Count == 0)
        {
            return null;
        }

        var kept = await keptRecords.PeekAsync(database, cancellationToken);
        foreach (var cut in cover.CutDays.Where(cut => !kept.Contains(cut.Day)))
        {
            if (await LacksRecordsAsync(database, cut.Day, cancellationToken))
            {
                var errors = new FieldErrors();
                errors.Add(
                    period.From == cut.From ? "from" : "to",
                    string.Create(CultureInfo.InvariantCulture, $"The calls of {cut.Day:yyyy-MM-dd} are no longer kept one by one, only their daily totals. Use {calendar.StartOf(cut.Day):yyyy-MM-dd'T'HH:mm:ss'Z'} or another time at which a day begins."));
                return Refusal.Invalid(errors);
            }
        }

        return null;
    }

    private async Task<bool> LacksRecordsAsync(GatewayDbContext database, DateOnly day, CancellationToken cancellationToken)
    {
        var (from, to) = (calendar.StartOf(day), calendar.StartOf(day.AddDays(1)));
        var calls = await database.UsageDaily.Where(sum => sum.Day == day).SumAsync(sum => sum.Requests, cancellationToken);
        return calls > 0 && await database.UsageRecords.LongCountAsync(record => record.StartedAt >= from && record.StartedAt < to, cancellationToken) < calls;
    }

    private static IQueryable<UsagePart> Filter(IQueryable<UsagePart> parts, UsageSumFilter? filter)
    {
        if (filter?.AccountId is { } accountId)
        {
            parts = parts.Where(part => part.AccountId == accountId);
        }

        if (filter?.KeyId is { } keyId)
        {
            parts = parts.Where(part => part.KeyId == keyId);
        }

        return filter?.Model is { } model ? parts.Where(part => part.Model == model) : parts;
    }

    private static async Task<Outcome<Page<UsageSum>>> ByDayAsync(IQueryable<UsagePart> parts, PageRequest page, CancellationToken cancellationToken)
    {
        var sums = Sum(parts, part => part.Day);
        if (page.After is { } after)
        {
            if (!after.TryGet(out string text) || !DateOnly.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var last))
            {
                return Refusal.BadCursor();
            }

            sums = sums.Where(sum => sum.Group > last);
        }

        return await ReadAsync(sums, static day => day.ToString(DayFormat, CultureInfo.InvariantCulture), page, cancellationToken);
    }

    private static async Task<Outcome<Page<UsageSum>>> ByModelAsync(IQueryable<UsagePart> parts, PageRequest page, CancellationToken cancellationToken)
    {
        var sums = Sum(parts, part => part.Model);
        if (page.After is { } after && after.TryGet(out string last))
        {
            sums = sums.Where(sum => sum.Group.CompareTo(last) > 0);
        }

        return await ReadAsync(sums, static model => model, page, cancellationToken);
    }

    private static async Task<Outcome<Page<UsageSum>>> ByIdAsync(
        IQueryable<UsagePart> parts, Expression<Func<UsagePart, Guid>> id, PageRequest page, CancellationToken cancellationToken)
    {
        var sums = Sum(parts, id);
        if (page.After is { } after)
        {
            if (!after.TryGet(out string text) || !Guid.TryParse(text, out var last))
            {
                return Refusal.BadCursor();
            }

            sums = sums.Where(sum => sum.Group.CompareTo(last) > 0);
        }

        return await ReadAsync(sums, static id => id.ToString(), page, cancellationToken);
    }

    private static IQueryable<GroupSum<TGroup>> Sum<TGroup>(IQueryable<UsagePart> parts, Expression<Func<UsagePart, TGroup>> group) =>
        parts.GroupBy(group).Select(members => new GroupSum<TGroup>
        {
            Group = members.Key,
            Requests = members.Sum(part => part.Requests),
            PromptTokens = members.Sum(part => part.PromptTokens),
            CachedTokens = members.Sum(part => part.CachedTokens),
            CacheWriteTokens = members.Sum(part => part.CacheWriteTokens),
            CompletionTokens = members.Sum(part => part.CompletionTokens),
            ReasoningTokens = members.Sum(part => part.ReasoningTokens),
            Cost = members.Sum(part => part.Cost),
            Charged = members.Sum(part => part.Charged),
        });

    private static async Task<Page<UsageSum>> ReadAsync<TGroup>(
        IQueryable<GroupSum<TGroup>> sums, Func<TGroup, string> write, PageRequest page, CancellationToken cancellationToken)
    {
        var rows = await sums.OrderBy(sum => sum.Group).Take(page.Take).ToListAsync(cancellationToken);
        return Page.Of(rows, page, sum => sum.View(write(sum.Group)), sum => Cursor.Of(write(sum.Group)));
    }

    /// <summary>A row of the query.</summary>
    private sealed class GroupSum<TGroup>
    {
        public required TGroup Group { get; init; }
        public required long Requests { get; init; }
        public required long PromptTokens { get; init; }
        public required long CachedTokens { get; init; }
        public required long CacheWriteTokens { get; init; }
        public required long CompletionTokens { get; init; }
        public required long ReasoningTokens { get; init; }
        public required long Cost { get; init; }
        public required long Charged { get; init; }

        public UsageSum View(string group) => new(
            group, Requests, PromptTokens, CachedTokens, CacheWriteTokens, CompletionTokens, ReasoningTokens, new Money(Cost), new Money(Charged));
    }
}
