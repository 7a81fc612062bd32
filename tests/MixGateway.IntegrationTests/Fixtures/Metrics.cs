using System.Globalization;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>One line of <c>/metrics</c>.</summary>
internal sealed record Sample(string Name, string Labels, double Value)
{
    /// <summary>True for a label that it has, and for none.</summary>
    public bool HasLabel(string label) => label.Length == 0 || Labels.Contains($"{label}=\"", StringComparison.Ordinal);

    public bool Has(string label, string value) => Labels.Contains($"{label}=\"{value}\"", StringComparison.Ordinal);
}

/// <summary>Reads what a gateway tells Prometheus.</summary>
internal static class Metrics
{
    public static async Task<IReadOnlyList<Sample>> ReadMetricsAsync(this TestGateway gateway)
    {
        var text = await gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return [.. text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(Parse)];
    }

    private static Sample Parse(string line)
    {
        var labels = line.IndexOf('{', StringComparison.Ordinal);
        var end = labels < 0 ? line.IndexOf(' ', StringComparison.Ordinal) : line.LastIndexOf('}') + 1;
        var value = line[end..].Trim().Split(' ')[0];
        return new Sample(
            line[..(labels < 0 ? end : labels)],
            labels < 0 ? "" : line[labels..end],
            value is "+Inf" ? double.PositiveInfinity : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
