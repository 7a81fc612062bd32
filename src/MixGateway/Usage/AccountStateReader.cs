using Microsoft.EntityFrameworkCore;
using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>An account as it was read.</summary>
/// <param name="IsUnpushed">True if the hot store was not yet told of a change that is in it.</param>
internal sealed record AccountReading(AccountState State, bool IsUnpushed);

/// <summary>Reads an account as the hot store wants it, all of it at one instant of the database.</summary>
internal sealed class AccountStateReader(IDbContextFactory<GatewayDbContext> databases, BillingCalendar calendar)
{
    /// <summary>Short, because a caller may wait for its first byte: a database that hangs is a database that is down.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="takeKeys">
    /// Asked right before the first read: which keys to read besides those with changes that were not pushed. What is committed until then is seen.
    /// </param>
    /// <returns>Null for an account that does not exist; a key that is not the account's is left out.</returns>
    public async Task<AccountReading?> ReadAsync(Guid accountId, Func<IReadOnlyCollection<Guid>> takeKeys)
    {
        await using var database = await databases.CreateDbContextAsync();
        database.Database.SetCommandTimeout(Patience);
        await using var snapshot = await database.BeginSnapshotAsync(CancellationToken.None);
        List<Guid> keyIds = [.. takeKeys()];
        if (await database.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == accountId) is not { } row)
        {
            return null;
        }

        var keys = await database.ApiKeys.AsNoTracking()
            .Where(key => key.AccountId == accountId && (keyIds.Contains(key.Id) || key.ChangedVersion > row.PushedVersion))
            .ToListAsync();
        var spent = await ReadSpentAsync(database, accountId);
        var state = new AccountState(
            accountId,
            new Money(row.Balance),
            row.Version,
            row.ChangedVersion,
            row.Status == AccountStatus.Suspended,
            LimitsOf(row),
            spent.OfAccount,
            [.. keys.Select(key => KeyOf(key, spent.OfKey(key.Id)))]);
        return new AccountReading(state, row.PushedVersion < row.ChangedVersion);
    }

    private static KeyState KeyOf(ApiKeyRow key, Spent spent) =>
        new(key.Id, key.Status == ApiKeyStatus.Revoked, key.ExpiresAt, LimitsOf(key), spent);

    private static CallLimits LimitsOf(ILimited row)
    {
        return new CallLimits
        {
            RequestsPerMinute = row.RequestsPerMinute,
            TokensPerMinute = row.TokensPerMinute,
            MaxConcurrent = row.MaxConcurrent,
            SpendPerDay = Spend(SpendLimitPeriod.Day),
            SpendPerMonth = Spend(SpendLimitPeriod.Month),
            SpendTotal = Spend(SpendLimitPeriod.Total),
        };

        Money? Spend(SpendLimitPeriod period) => row.SpendLimitNanos is { } nanos && row.SpendLimitPeriod == period ? new Money(nanos) : null;
    }

    /// <summary>The day that a call began on is the one that its record counts in.</summary>
    private async Task<AccountSpent> ReadSpentAsync(GatewayDbContext database, Guid accountId)
    {
        var today = calendar.Today;
        var month = new DateOnly(today.Year, today.Month, 1);
        var sums = await database.UsageDaily.Where(day => day.AccountId == accountId)
            .GroupBy(day => day.KeyId)
            .Select(days => new
            {
                KeyId = days.Key,
                InDay = days.Sum(day => day.Day >= today ? day.Charged : 0),
                InMonth = days.Sum(day => day.Day >= month ? day.Charged : 0),
                InAll = days.Sum(day => day.Charged),
            })
            .ToListAsync();
        var period = BillingCalendar.PeriodOf(today);
        var total = new Spent(period, Money.Zero, Money.Zero, Money.Zero);
        var byKey = new Dictionary<Guid, Spent>(sums.Count);
        foreach (var sum in sums)
        {
            var spent = new Spent(period, new Money(sum.InDay), new Money(sum.InMonth), new Money(sum.InAll));
            byKey.Add(sum.KeyId, spent);
            total = new Spent(period, total.InDay + spent.InDay, total.InMonth + spent.InMonth, total.InAll + spent.InAll);
        }

        return new AccountSpent(total, byKey, new Spent(period, Money.Zero, Money.Zero, Money.Zero));
    }

    private sealed record AccountSpent(Spent OfAccount, Dictionary<Guid, Spent> ByKey, Spent Nothing)
    {
        public Spent OfKey(Guid keyId) => ByKey.GetValueOrDefault(keyId, Nothing);
    }
}
