using MixGateway.Billing;

namespace MixGateway.Administration;

/// <summary>A part of a day. Both times are UTC; the second is not part of it.</summary>
internal readonly record struct CutDay(DateOnly Day, DateTime From, DateTime To);

/// <summary>
/// A period as whole days, which are summed already, and the at most two days that it cuts.
/// </summary>
/// <param name="FirstDay">The first whole day; null is no bound.</param>
/// <param name="EndDay">The day after the last whole one; null is no bound. Not later than <paramref name="FirstDay"/> if no day is whole.</param>
internal sealed record UsageCover(DateOnly? FirstDay, DateOnly? EndDay, IReadOnlyList<CutDay> CutDays)
{
    /// <summary>No call is outside of these, and near the ends of <see cref="DateTime"/> no time zone can be reckoned with.</summary>
    private static readonly DateTime Earliest = DateTime.UnixEpoch;
    private static readonly DateTime Latest = new(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static UsageCover Of(UsagePeriod period, BillingCalendar calendar)
    {
        var from = Clamp(period.From);
        var to = Clamp(period.To);
        DateOnly? firstDay = from is { } first ? calendar.DayOf(first) : null;
        DateOnly? endDay = to is { } end ? calendar.DayOf(end) : null;
        List<CutDay> cutDays = [];
        if (firstDay is { } cutFirst && from > calendar.StartOf(cutFirst))
        {
            firstDay = cutFirst.AddDays(1);
            var next = calendar.StartOf(firstDay.Value);
            cutDays.Add(new CutDay(cutFirst, from.Value, to < next ? to.Value : next));
        }

        if (endDay is { } cutEnd && to > calendar.StartOf(cutEnd) && !cutDays.Exists(cut => cut.Day == cutEnd))
        {
            var start = calendar.StartOf(cutEnd);
            cutDays.Add(new CutDay(cutEnd, from > start ? from.Value : start, to.Value));
        }

        return new UsageCover(firstDay, endDay, cutDays);
    }

    private static DateTime? Clamp(DateTime? time) => time < Earliest ? Earliest : time > Latest ? Latest : time;
}
