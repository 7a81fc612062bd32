using System.Globalization;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>Usage as bars.</summary>
internal static class Charts
{
    public static IReadOnlyList<ChartPoint> Spend(IReadOnlyList<UsageDay> days, string currency) =>
        [.. days.Select(day => new ChartPoint(ChartPoint.DayLabel(day.Day), [day.Charged.Nanos / (double)Money.NanosPerUnit], $"{Date(day.Day)}: {Amounts.Short(day.Charged, currency)}"))];

    public static IReadOnlyList<ChartPoint> Tokens(IReadOnlyList<UsageDay> days, string prompt, string completion) =>
        [.. days.Select(day => new ChartPoint(
            ChartPoint.DayLabel(day.Day),
            [day.PromptTokens, day.CompletionTokens],
            $"{Date(day.Day)}: {prompt} {Amounts.Count(day.PromptTokens)}, {completion} {Amounts.Count(day.CompletionTokens)}"))];

    public static IReadOnlyList<ChartPoint> Requests(IReadOnlyList<UsageDay> days) =>
        [.. days.Select(day => new ChartPoint(ChartPoint.DayLabel(day.Day), [day.Requests], $"{Date(day.Day)}: {Amounts.Count(day.Requests)}"))];

    /// <summary>A day without an answer has no bar.</summary>
    public static IReadOnlyList<ChartPoint> FirstToken(IReadOnlyList<UsageQuality> days) =>
        [.. days.Select(day => new ChartPoint(ChartPoint.DayLabel(day.Day), [day.FirstTokenMs ?? 0], $"{Date(day.Day)}: {(day.FirstTokenMs is { } first ? Amounts.Duration(first) : "–")}"))];

    /// <summary>An amount at an axis, without its currency.</summary>
    public static string AxisAmount(double value) => value.ToString("0.######", CultureInfo.CurrentCulture);

    private static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
