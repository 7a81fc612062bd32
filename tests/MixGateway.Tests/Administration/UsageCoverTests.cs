using FsCheck.Xunit;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Tests.Administration;

public sealed class UsageCoverTests
{
    // Sao Paulo put its clock forward at midnight until 2018, Lord Howe moves by half an hour, Apia left out 2011-12-30.
    private static readonly string[] Zones = ["UTC", "Asia/Shanghai", "America/Sao_Paulo", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"];

    [Fact]
    public void Of_WithoutBounds_IsAllDays()
    {
        var cover = UsageCover.Of(new UsagePeriod(null, null), Calendar("UTC"));

        cover.Should().BeEquivalentTo(new UsageCover(null, null, []));
    }

    [Fact]
    public void Of_WholeDays_CutsNone()
    {
        var cover = UsageCover.Of(new UsagePeriod(Utc(2026, 11, 21, 16), Utc(2026, 11, 23, 16)), Calendar("Asia/Shanghai"));

        cover.Should().BeEquivalentTo(new UsageCover(new DateOnly(2026, 11, 22), new DateOnly(2026, 11, 24), []));
    }

    [Fact]
    public void Of_CutDays_GivesTheirParts()
    {
        var cover = UsageCover.Of(new UsagePeriod(Utc(2026, 11, 20, 6), Utc(2026, 11, 22, 18)), Calendar("UTC"));

        cover.Should().BeEquivalentTo(new UsageCover(
            new DateOnly(2026, 11, 21),
            new DateOnly(2026, 11, 22),
            [
                new CutDay(new DateOnly(2026, 11, 20), Utc(2026, 11, 20, 6), Utc(2026, 11, 21, 0)),
                new CutDay(new DateOnly(2026, 11, 22), Utc(2026, 11, 22, 0), Utc(2026, 11, 22, 18)),
            ]));
    }

    [Fact]
    public void Of_PartOfOneDay_IsThatPart()
    {
        var cover = UsageCover.Of(new UsagePeriod(Utc(2026, 11, 20, 6), Utc(2026, 11, 20, 18)), Calendar("UTC"));

        cover.CutDays.Should().Equal(new CutDay(new DateOnly(2026, 11, 20), Utc(2026, 11, 20, 6), Utc(2026, 11, 20, 18)));
        cover.EndDay.Should().BeBefore(cover.FirstDay!.Value);
    }

    [Fact]
    public void Of_EndsOfTime_DoesNotOverflow()
    {
        var ends = new UsagePeriod(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));

        foreach (var zone in Zones)
        {
            var cover = UsageCover.Of(ends, Calendar(zone));
            cover.FirstDay!.Value.Year.Should().BeLessThan(1971);
            cover.EndDay!.Value.Year.Should().BeGreaterThan(8998);
        }
    }

    [Property(MaxTest = 300)]
    public bool Of_AnyPeriod_CoversEachCallOfItOnceAndNoOther(int zone, int fromMinute, int minutes, uint callMinute)
    {
        var calendar = Calendar(Zones[(int)((uint)zone % Zones.Length)]);
        var from = Utc(2011, 12, 28, 0).AddMinutes(fromMinute % 10_000);
        var to = from.AddMinutes(1 + ((uint)minutes % 6000));
        var call = from.AddMinutes(-3000).AddMinutes(callMinute % 12_000);
        var cover = UsageCover.Of(new UsagePeriod(from, to), calendar);

        var day = calendar.DayOf(call);
        var times = cover.CutDays.Count(cut => call >= cut.From && call < cut.To) + (day >= cover.FirstDay && day < cover.EndDay ? 1 : 0);
        var ofRightDay = cover.CutDays.Where(cut => call >= cut.From && call < cut.To).All(cut => cut.Day == day);
        return ofRightDay && times == (call >= from && call < to ? 1 : 0);
    }

    private static BillingCalendar Calendar(string zone) => new(TimeProvider.System, TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static DateTime Utc(int year, int month, int day, int hour) => new(year, month, day, hour, 0, 0, DateTimeKind.Utc);
}
