using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Administration.SelfService;

/// <summary>
/// How an account's calls of the last days went, from the records: sums of days do not know. A busy account has a million records in a week, so
/// days whose calls are all booked are remembered for a while.
/// </summary>
internal sealed class AccountQuality(BillingCalendar calendar) : IDisposable
{
    private const int Days = 7;

    /// <summary>Calls of today and yesterday may still be booked.</summary>
    private const int OpenDays = 2;

    private const int MaxRemembered = 20_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _closed = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });

    /// <inheritdoc/>
    public void Dispose() => _closed.Dispose();

    /// <summary>Every day of the last week, the last of them today.</summary>
    public async Task<IReadOnlyList<UsageQuality>> ReadAsync(GatewayDbContext database, Guid accountId, CancellationToken cancellationToken)
    {
        var today = calendar.Today;
        List<UsageQuality> days = [.. Enumerable.Range(1 - Days, Days - OpenDays).Select(day => _closed.Get<UsageQuality>((accountId, today.AddDays(day)))).TakeWhile(static day => day is not null).OfType<UsageQuality>()];
        var closed = days.Count;
        days.AddRange(await ReadAsync(database, accountId, today.AddDays(1 - Days + closed), Days - closed, cancellationToken));
        foreach (var day in days.Take(Days - OpenDays).Skip(closed))
        {
            _closed.Set((accountId, day.Day), day, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });
        }

        return days;
    }

    private async Task<IEnumerable<UsageQuality>> ReadAsync(GatewayDbContext database, Guid accountId, DateOnly first, int count, CancellationToken cancellationToken)
    {
        DateOnly[] days = [.. Enumerable.Range(0, count).Select(first.AddDays)];
        var start = calendar.StartOf(first);
        var sums = await database.UsageRecords.Where(record => record.AccountId == accountId && record.StartedAt >= start)
            .GroupBy(IndexOfDay([.. days.Skip(1).Select(calendar.StartOf)]))
            .Select(day => new
            {
                day.Key,
                Calls = day.LongCount(),
                Failed = day.LongCount(record => record.Status == CallStatus.Failed || record.Status == CallStatus.Abandoned),
                Answered = day.LongCount(record => record.FirstTokenMs != null),
                FirstTokenMs = day.Average(record => (double?)record.FirstTokenMs),
            })
            .ToDictionaryAsync(day => day.Key, cancellationToken);
        return days.Select((day, index) => sums.TryGetValue(index, out var sum)
            ? new UsageQuality(day, sum.Calls, sum.Failed, sum.Answered, sum.FirstTokenMs)
            : new UsageQuality(day, 0, 0, 0, null));
    }

    /// <summary>Which of the days a call started on: no database knows the billing time zone's.</summary>
    /// <param name="starts">When each day but the first begins, in their order.</param>
    private static Expression<Func<UsageRecordRow, int>> IndexOfDay(DateTime[] starts)
    {
        var record = Expression.Parameter(typeof(UsageRecordRow), "record");
        var startedAt = Expression.Property(record, nameof(UsageRecordRow.StartedAt));
        Expression index = Expression.Constant(starts.Length);
        for (var i = starts.Length - 1; i >= 0; i--)
        {
            index = Expression.Condition(Expression.LessThan(startedAt, Expression.Constant(starts[i])), Expression.Constant(i), index);
        }

        return Expression.Lambda<Func<UsageRecordRow, int>>(index, record);
    }
}
