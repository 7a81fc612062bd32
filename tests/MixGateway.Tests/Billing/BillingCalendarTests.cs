using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Billing;

namespace MixGateway.Tests.Billing;

public sealed class BillingCalendarTests
{
    [Fact]
    public void Current_AcrossMidnightOfTheZone_ChangesDayAndMonth()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 15, 59, 59, TimeSpan.Zero));
        var calendar = new BillingCalendar(time, TimeZoneInfo.CreateCustomTimeZone("Shanghai", TimeSpan.FromHours(8), null, null));
        calendar.Current.Should().Be(new BillingPeriod("2026-11-30", "2026-11"));
        time.Advance(TimeSpan.FromSeconds(1));
        calendar.Current.Should().Be(new BillingPeriod("2026-12-01", "2026-12"));
        calendar.Current.Should().BeSameAs(calendar.Current);
    }

    [Fact]
    public void PeriodOf_Names_SortByTime()
    {
        var calendar = new BillingCalendar(TimeProvider.System, TimeZoneInfo.Utc);
        var days = Enumerable.Range(0, 800).Select(i => calendar.PeriodOf(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(i)).Day).ToList();
        days.Should().BeInAscendingOrder(StringComparer.Ordinal).And.OnlyHaveUniqueItems();
    }

    // Sao Paulo put its clock forward at midnight until 2018; Apia left out 2011-12-30.
    [Theory]
    [InlineData("UTC", "2026-11-22", "2026-11-22T00:00:00Z")]
    [InlineData("Asia/Shanghai", "2026-11-22", "2026-11-21T16:00:00Z")]
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z")]
    public void StartOf_Day_IsItsFirstTime(string zone, string day, string expected)
    {
        var calendar = new BillingCalendar(TimeProvider.System, TimeZoneInfo.FindSystemTimeZoneById(zone));

        var start = calendar.StartOf(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture));

        start.Should().Be(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture).UtcDateTime);
        calendar.DayOf(start).Should().Be(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture));
        calendar.DayOf(start.AddTicks(-1)).Should().BeBefore(DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture));
    }
}
