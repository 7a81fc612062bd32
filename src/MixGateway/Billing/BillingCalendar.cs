using System.Globalization;

namespace MixGateway.Billing;

/// <summary>Names of the periods in which a call's spend counts, in <c>Billing:TimeZone</c>; they sort by time.</summary>
/// <param name="Day">For example <c>2026-11-22</c>.</param>
/// <param name="Month">For example <c>2026-11</c>.</param>
internal sealed record BillingPeriod(string Day, string Month);

/// <summary>Days and months of the billing time zone, and where its days begin on the line of UTC.</summary>
internal sealed class BillingCalendar(TimeProvider time, TimeZoneInfo zone)
{
    /// <summary>More than any zone is away from UTC.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromHours(26);

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
    public BillingPeriod PeriodOf(DateTimeOffset instant) => PeriodOf(DayOf(instant.UtcDateTime));

    /// <summary>The periods of a day.</summary>
    public static BillingPeriod PeriodOf(DateOnly day) => new(
        day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        day.ToString("yyyy-MM", CultureInfo.InvariantCulture));

    /// <summary>The day that it is now.</summary>
    public DateOnly Today => DayOf(time.GetUtcNow().UtcDateTime);

    /// <summary>The day that a UTC time belongs to.</summary>
    public DateOnly DayOf(DateTime instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(instant, zone));

    /// <summary>
    /// The first UTC time of a day. Searched for rather than converted: in some zones the clock is put forward at midnight, which
    /// then does not exist.
    /// </summary>
    public DateTime StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        if (DayOf(midnight) == day && DayOf(midnight.AddTicks(-1)) != day)
        {
            return midnight;
        }

        var (before, after) = (midnight - Reach, midnight + Reach);
        while (after - before > TimeSpan.FromTicks(1))
        {
            var middle = before + ((after - before) / 2);
            (before, after) = DayOf(middle) < day ? (middle, after) : (before, middle);
        }

        return after;
    }

    /// <summary>Every zone begins its days at a whole quarter of an hour, so the name holds until the next one.</summary>
    private static DateTimeOffset NextChange(DateTimeOffset now)
    {
        var quarter = TimeSpan.TicksPerMinute * 15;
        return new DateTimeOffset((now.UtcTicks / quarter * quarter) + quarter, TimeSpan.Zero);
    }

    private sealed record Cached(DateTimeOffset From, DateTimeOffset Until, BillingPeriod Period);
}
