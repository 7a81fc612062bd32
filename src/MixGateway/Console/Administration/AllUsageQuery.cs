using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Console.Administration;

/// <summary>What the usage of all accounts is filtered by, as the URL says it.</summary>
/// <param name="Days">The last so many days, today the last of them; where no days are given.</param>
internal sealed record AllUsageQuery(int Days, DateOnly? From, DateOnly? To, Guid? Account, string? Model)
{
    private const int DefaultDays = 30;
    private const int MaxDays = 366;

    /// <summary>What cannot be read counts as not there.</summary>
    public static AllUsageQuery Read(int? days, string? from, string? to, string? account, string? model)
    {
        var (first, last) = (DayOf(from), DayOf(to));
        if (first > last || last?.DayNumber - first?.DayNumber > MaxDays)
        {
            (first, last) = (null, null);
        }

        return new AllUsageQuery(
            Math.Clamp(days ?? DefaultDays, 1, MaxDays), first, last, Guid.TryParse(account?.Trim(), out var id) ? id : null, string.IsNullOrWhiteSpace(model) ? null : model.Trim());
    }

    public UsagePeriod Period(BillingCalendar calendar)
    {
        var last = LastDay(calendar);
        return new UsagePeriod(calendar.StartOf(FirstDay(calendar)), calendar.StartOf(last.AddDays(1)));
    }

    public DateOnly FirstDay(BillingCalendar calendar) => From ?? LastDay(calendar).AddDays(1 - Days);

    public DateOnly LastDay(BillingCalendar calendar) => To ?? calendar.Today;

    /// <summary>The address of a page with this filter.</summary>
    public string Href(string path, params (string Name, string? Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["days"] = From is null && To is null ? Days.ToString(CultureInfo.InvariantCulture) : null,
            ["from"] = Text(From),
            ["to"] = Text(To),
            ["account"] = Account?.ToString(),
            ["model"] = Model,
        };
        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(path, query.Where(static part => !string.IsNullOrEmpty(part.Value)));
    }

    public static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 2200 ? day : null;
}
