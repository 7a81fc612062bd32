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
}
