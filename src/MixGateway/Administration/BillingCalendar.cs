namespace MixGateway.Administration;

/// <summary>Days of the billing time zone, as the books count them, on the line of UTC.</summary>
internal sealed class BillingCalendar(TimeZoneInfo timeZone)
{
    /// <summary>More than any zone is away from UTC.</summary>
    private static readonly TimeSpan Reach = TimeSpan.FromHours(26);

    /// <summary>The day that a UTC time belongs to.</summary>
    public DateOnly DayOf(DateTime time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(time, timeZone));

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
}
