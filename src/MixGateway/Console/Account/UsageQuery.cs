using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Console.Account;

/// <summary>What the pages of usage filter by, as their URLs say it: <c>?days=30&amp;key=…&amp;model=…</c>, or <c>from</c> and <c>to</c> with days.</summary>
/// <param name="Days">The last so many days, today the last of them; where no days are given.</param>
internal sealed record UsageQuery(int Days, DateOnly? From, DateOnly? To, Guid? Key, string? Model)
{
    private const int DefaultDays = 30;
    private const int MaxDays = 366;

    /// <summary>What cannot be read counts as not there.</summary>
    public static UsageQuery Read(int? days, string? from, string? to, string? key, string? model)
    {
        var (first, last) = (Day(from), Day(to));
        if (first > last || last?.DayNumber - first?.DayNumber > MaxDays)
        {
            (first, last) = (null, null);
        }

        return new UsageQuery(
            Math.Clamp(days ?? DefaultDays, 1, MaxDays), first, last, Guid.TryParse(key, out var id) ? id : null, string.IsNullOrWhiteSpace(model) ? null : model.Trim());
    }

    public UsageFilter Filter(BillingCalendar calendar)
    {
        var last = To ?? calendar.Today;
        var first = From ?? last.AddDays(1 - Days);
        return new UsageFilter(new UsagePeriod(calendar.StartOf(first), calendar.StartOf(last.AddDays(1))), Key, Model);
    }

    /// <summary>The address of a page with this filter.</summary>
    public string Href(string path, params (string Name, string? Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["days"] = From is null && To is null ? Days.ToString(CultureInfo.InvariantCulture) : null,
            ["from"] = Text(From),
            ["to"] = Text(To),
            ["key"] = Key?.ToString(),
            ["model"] = Model,
        };
        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(path, query.Where(static part => !string.IsNullOrEmpty(part.Value)));
    }

    public static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 2200 ? day : null;
}
