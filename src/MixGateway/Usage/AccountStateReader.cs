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

    /// <param name="inFlight">The account's calls in the hot store, as they were before: those that are booked are told.</param>
    /// <param name="takeKeys">
    /// Asked right before the first read: which keys to read besides those with changes that were not pushed. What is committed until then is seen.
    /// </param>
    /// <returns>Null for an account that does not exist; a key that is not the account's is left out.</returns>
    public async Task<AccountReading?> ReadAsync(Guid accountId, IReadOnlyList<Guid> inFlight, Func<IReadOnlyCollection<Guid>> takeKeys)
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
        var spent = await ReadSpentAsync(database, accountId, keys.Select(static key => key.Id));
        var state = new AccountState(
            accountId,
            new Money(row.Balance),
            row.Version,
            row.ChangedVersion,
            row.Status == AccountStatus.Suspended,
            LimitsOf(row),
            spent.OfAccount,
            [.. keys.Select(key => KeyOf(key, spent.OfKey(key.Id)))])
        {
            Booked = inFlight.Count == 0 ? [] : await ReadBookedAsync(database, inFlight),
        };
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

    private static async Task<List<BookedInFlight>> ReadBookedAsync(GatewayDbContext database, IReadOnlyList<Guid> inFlight)
    {
        // The bounds let the planner leave out the months that cannot hold the records.
        var starts = inFlight.Select(UsageRecord.StartOf).ToList();
        var (first, last) = (starts.Min(), starts.Max());
        return await database.UsageRecords
            .Where(record => record.StartedAt >= first && record.StartedAt <= last && inFlight.Contains(record.RequestId))
            .Select(record => new BookedInFlight(record.RequestId, new Money(record.Charged)))
            .ToListAsync();
    }

    /// <summary>
    /// Three rows for the account and three for each key, whatever the account has used before. The day that a call began on is the
    /// one that its record counts in.
    /// </summary>
    private async Task<AccountSpent> ReadSpentAsync(GatewayDbContext database, Guid accountId, IEnumerable<Guid> keyIds)
    {
        var period = BillingCalendar.PeriodOf(calendar.Today);
        Guid[] scopes = [UsageSpendRow.OfAccount, .. keyIds];
        string[] periods = [period.Day, period.Month, UsageSpendRow.Total];
        var rows = await database.UsageSpend.AsNoTracking()
            .Where(spend => spend.AccountId == accountId && scopes.Contains(spend.KeyId) && periods.Contains(spend.Period))
            .ToListAsync();
        var nothing = new Spent(period, Money.Zero, Money.Zero, Money.Zero);
        var byKey = new Dictionary<Guid, Spent>(scopes.Length);
        foreach (var row in rows)
        {
            var spent = byKey.GetValueOrDefault(row.KeyId, nothing);
            var charged = new Money(row.Charged);
            byKey[row.KeyId] = row.Period == period.Day ? spent with { InDay = charged }
                : row.Period == period.Month ? spent with { InMonth = charged }
                : spent with { InAll = charged };
        }

        return new AccountSpent(byKey, nothing);
    }

    private sealed record AccountSpent(Dictionary<Guid, Spent> ByKey, Spent Nothing)
    {
        public Spent OfAccount => OfKey(UsageSpendRow.OfAccount);

        public Spent OfKey(Guid keyId) => ByKey.GetValueOrDefault(keyId, Nothing);
    }
}
