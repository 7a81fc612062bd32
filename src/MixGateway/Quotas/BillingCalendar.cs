using System.Globalization;

namespace MixGateway.Quotas;

/// <summary>Names the day and the month that it is in the billing time zone.</summary>
internal sealed class BillingCalendar(TimeProvider time, TimeZoneInfo zone)
{
    private volatile Cached? _cached;

    /// <summary>The periods that a call admitted now belongs to.</summary>
    public BillingPeriod Current
    {
        get
        {
            var now = time.GetUtcNow();
            var cached = _cached;
            if (cached is null || now < cached.From || now >= cached.Until)
            {
                _cached = cached = new Cached(now, NextChange(now), PeriodOf(now));
            }

            return cached.Period;
        }
    }

    /// <summary>The periods of an instant.</summary>
    public BillingPeriod PeriodOf(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        return new BillingPeriod(
            local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            local.ToString("yyyy-MM", CultureInfo.InvariantCulture));
    }

    /// <summary>Every zone begins its days at a whole quarter of an hour, so the name holds until the next one.</summary>
    private static DateTimeOffset NextChange(DateTimeOffset now)
    {
        var quarter = TimeSpan.TicksPerMinute * 15;
        return new DateTimeOffset((now.UtcTicks / quarter * quarter) + quarter, TimeSpan.Zero);
    }

    private sealed record Cached(DateTimeOffset From, DateTimeOffset Until, BillingPeriod Period);
}
