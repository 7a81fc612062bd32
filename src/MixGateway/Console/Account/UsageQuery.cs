using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.Console.Account;

/// <summary>
/// What the pages of usage filter by, as their URLs say it: <c>?days=30&amp;key=…&amp;model=…&amp;status=…</c>, or <c>from</c> and <c>to</c>
/// instead of a number of days.
/// </summary>
/// <param name="Days">The last so many days, today the last of them; where no days are given.</param>
internal sealed record UsageQuery(int Days, DateOnly? From, DateOnly? To, Guid? Key, string? Model, CallStatus? Status = null)
{
    /// <summary>What the form says instead of a number, if the days are chosen one by one.</summary>
    public const string Custom = "custom";

    private const int DefaultDays = 30;
    private const int MaxDays = 366;

    public bool IsCustom => From is not null || To is not null;

    /// <summary>What cannot be read counts as not there.</summary>
    public static UsageQuery Read(string? days, string? from, string? to, string? key, string? model, string? status = null)
    {
        int? last = int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var (first, end) = last is null ? (Day(from), Day(to)) : (null, null);
        if (first > end || end?.DayNumber - first?.DayNumber > MaxDays)
        {
            (first, end) = (null, null);
        }

        return new UsageQuery(
            Math.Clamp(last ?? DefaultDays, 1, MaxDays),
            first,
            end,
            Guid.TryParse(key, out var id) ? id : null,
            string.IsNullOrWhiteSpace(model) ? null : model.Trim(),
            Enum.TryParse<CallStatus>(status, out var one) && Enum.IsDefined(one) ? one : null);
    }

    public UsageFilter Filter(BillingCalendar calendar) =>
        new(new UsagePeriod(calendar.StartOf(FirstDay(calendar)), calendar.StartOf(LastDay(calendar).AddDays(1))), Key, Model) { Status = Status };

    public DateOnly FirstDay(BillingCalendar calendar) => From ?? LastDay(calendar).AddDays(1 - Days);

    public DateOnly LastDay(BillingCalendar calendar) => To ?? (From is { } first && first > calendar.Today ? first : calendar.Today);

    /// <summary>The address of a page with this filter.</summary>
    public string Href(string path, params (string Name, string? Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["days"] = IsCustom ? null : Days.ToString(CultureInfo.InvariantCulture),
            ["from"] = Text(From),
            ["to"] = Text(To),
            ["key"] = Key?.ToString(),
            ["model"] = Model,
            ["status"] = Status?.ToString(),
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
