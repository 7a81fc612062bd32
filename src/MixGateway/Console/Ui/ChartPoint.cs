namespace MixGateway.Console.Ui;

/// <summary>A bar of a chart.</summary>
/// <param name="Label">Below the bar.</param>
/// <param name="Values">The parts of the bar, from the bottom up.</param>
/// <param name="Tip">The whole story, in words.</param>
public sealed record ChartPoint(string Label, IReadOnlyList<double> Values, string Tip)
{
    public double Total => Values.Sum();
}
