using System.Globalization;
using MixGateway.Console.Languages;

namespace MixGateway.Console.Ui;

/// <summary>A bar of a chart.</summary>
/// <param name="Label">Below the bar.</param>
/// <param name="Values">The parts of the bar, from the bottom up.</param>
/// <param name="Tip">The whole story, in words.</param>
public sealed record ChartPoint(string Label, IReadOnlyList<double> Values, string Tip)
{
    public double Total => Values.Sum();

    /// <summary>A day below a bar: Nov 28, 11月28日.</summary>
    public static string DayLabel(DateOnly day) =>
        day.ToString(Language.IsChinese(CultureInfo.CurrentUICulture.Name) ? "M月d日" : "MMM d", CultureInfo.CurrentCulture);
}
