using System.Globalization;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;
using MixGateway.Console.Ui;

namespace MixGateway.Console.Account;

/// <summary>Usage as bars.</summary>
internal static class Charts
{
    public static IReadOnlyList<ChartPoint> Spend(IReadOnlyList<UsageDay> days, string currency) =>
        [.. days.Select(day => new ChartPoint(Label(day.Day), [day.Charged.Nanos / (double)Money.NanosPerUnit], $"{Date(day.Day)}: {Amounts.Short(day.Charged, currency)}"))];

    public static IReadOnlyList<ChartPoint> Tokens(IReadOnlyList<UsageDay> days, string prompt, string completion) =>
        [.. days.Select(day => new ChartPoint(
            Label(day.Day),
            [day.PromptTokens, day.CompletionTokens],
            $"{Date(day.Day)}: {prompt} {Amounts.Count(day.PromptTokens)}, {completion} {Amounts.Count(day.CompletionTokens)}"))];

    public static IReadOnlyList<ChartPoint> Requests(IReadOnlyList<UsageDay> days) =>
        [.. days.Select(day => new ChartPoint(Label(day.Day), [day.Requests], $"{Date(day.Day)}: {Amounts.Count(day.Requests)}"))];

    /// <summary>An amount at an axis, without its currency.</summary>
    public static string AxisAmount(double value) => value.ToString("0.######", CultureInfo.CurrentCulture);

    private static string Label(DateOnly day) => day.ToString("M-d", CultureInfo.InvariantCulture);

    private static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
