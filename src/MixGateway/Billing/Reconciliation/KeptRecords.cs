namespace MixGateway.Billing.Reconciliation;

/// <summary>Days whose usage records are all kept, and the UTC times that they span.</summary>
/// <param name="EndDay">The day after the last one.</param>
/// <param name="To">Not part of it.</param>
internal readonly record struct KeptSpan(DateOnly FirstDay, DateOnly EndDay, DateTime From, DateTime To)
{
    public bool Contains(DateOnly day) => day >= FirstDay && day < EndDay;
}

/// <summary>
/// The days whose sums can be compared with records. A day of which any part is in a month that was detached, dropped or cleared by retention
/// is not among them.
/// </summary>
internal sealed record KeptRecords(IReadOnlyList<KeptSpan> Spans)
{
    /// <summary>No call is outside of these, and near the ends of <see cref="DateTime"/> no time zone can be reckoned with.</summary>
    private static readonly DateTime Earliest = DateTime.UnixEpoch;
    private static readonly DateTime Latest = new(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public bool Contains(DateOnly day) => Spans.Any(span => span.Contains(day));

    /// <param name="months">What is kept in UTC, in any order; null is no bound.</param>
    /// <param name="clearedBefore">What retention has cleared; null for nothing.</param>
    public static KeptRecords Of(IEnumerable<(DateTime? Since, DateTime? Until)> months, DateTime? clearedBefore, BillingCalendar calendar)
    {
        var least = clearedBefore is { } cleared && cleared > Earliest ? cleared : Earliest;
        List<(DateTime From, DateTime To)> joined = [];
        foreach (var (from, to) in months.Select(month => (From: Max(month.Since ?? Earliest, least), To: Min(month.Until ?? Latest, Latest))).Where(static month => month.From < month.To).Order())
        {
            if (joined.Count > 0 && joined[^1].To >= from)
            {
                joined[^1] = (joined[^1].From, Max(joined[^1].To, to));
            }
            else
            {
                joined.Add((from, to));
            }
        }

        return new KeptRecords([.. joined.Select(span => WholeDays(span.From, span.To, calendar)).Where(static span => span.FirstDay < span.EndDay)]);
    }

    private static KeptSpan WholeDays(DateTime from, DateTime to, BillingCalendar calendar)
    {
        var first = calendar.DayOf(from);
        first = calendar.StartOf(first) < from ? first.AddDays(1) : first;
        var end = calendar.DayOf(to);
        return new KeptSpan(first, end, calendar.StartOf(first), calendar.StartOf(end));
    }

    private static DateTime Max(DateTime one, DateTime other) => one > other ? one : other;

    private static DateTime Min(DateTime one, DateTime other) => one < other ? one : other;
}
