using Microsoft.Extensions.Time.Testing;
using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;

namespace MixGateway.Tests.Billing.Reconciliation;

public sealed class KeptRecordsTests
{
    [Fact]
    public void Days_OfNeighbouringMonths_AreOneSpan() =>
        Kept("UTC", null, Month(7), Month(5), Month(6)).Spans.Should().Equal(new KeptSpan(Day(5, 1), Day(8, 1), Start(5), Start(8)));

    [Fact]
    public void Days_OfAMonthBetweenThatIsDetached_AreNotKept()
    {
        var kept = Kept("UTC", null, Month(5), Month(7));
        kept.Contains(Day(5, 31)).Should().BeTrue();
        kept.Contains(Day(6, 1)).Should().BeFalse();
        kept.Contains(Day(6, 30)).Should().BeFalse();
        kept.Contains(Day(7, 1)).Should().BeTrue();
    }

    [Theory]
    [InlineData("Asia/Shanghai", "2026-06-02", "2026-07-01")]
    [InlineData("America/New_York", "2026-06-01", "2026-06-30")]
    public void Days_ThatReachIntoAMonthThatIsGone_AreNotKept(string zone, string first, string end)
    {
        var span = Kept(zone, null, Month(6)).Spans.Should().ContainSingle().Subject;
        (span.FirstDay, span.EndDay).Should().Be((DateOnly.Parse(first, null), DateOnly.Parse(end, null)));
    }

    [Fact]
    public void Days_BeforeTheMark_AreNotKept()
    {
        Kept("UTC", Start(6), (null, null)).Spans.Should().ContainSingle().Which.FirstDay.Should().Be(Day(6, 1));
        Kept("UTC", Start(6), Month(4), Month(5)).Spans.Should().BeEmpty();
        Kept("UTC", null, (null, null)).Contains(new DateOnly(1999, 1, 1)).Should().BeTrue();
        Kept("UTC", null).Spans.Should().BeEmpty();
    }

    private static KeptRecords Kept(string zone, DateTime? mark, params (DateTime?, DateTime?)[] months) =>
        KeptRecords.Of(months, mark, new BillingCalendar(new FakeTimeProvider(), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    private static (DateTime?, DateTime?) Month(int month) => (Start(month), Start(month + 1));

    private static DateTime Start(int month) => new(2026, month, 1, 0, 0, 0, DateTimeKind.Utc);

    private static DateOnly Day(int month, int day) => new(2026, month, day);
}
