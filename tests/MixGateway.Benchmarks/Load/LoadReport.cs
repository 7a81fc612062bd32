using System.Globalization;

namespace MixGateway.Benchmarks.Load;

/// <summary>The result as one Markdown table. The last column compares the last server with the one before it.</summary>
internal sealed class LoadReport(Target[] targets)
{
    private readonly List<string> _lines = [];

    public void Add(LoadKind kind, Measurement[] results)
    {
        Row(kind.Name, "calls/s", "N0", results, static m => m.CallsPerSecond);
        Row("", "CPU µs/call", "N0", results, static m => m.CpuMicroseconds);
        Row("", "allocated bytes/call", "N0", results, static m => m.AllocatedBytes);
        if (kind.Stream)
        {
            Row("", "first byte p50, ms", "N2", results, static m => m.FirstByte(0.5));
            Row("", "first byte p99, ms", "N2", results, static m => m.FirstByte(0.99));
            Row("", "last chunk to [DONE] p50, ms", "N2", results, static m => m.End(0.5));
            Row("", "last chunk to [DONE] p99, ms", "N2", results, static m => m.End(0.99));
        }

        Row("", "whole answer p50, ms", "N2", results, static m => m.Whole(0.5));
        Row("", "whole answer p99, ms", "N2", results, static m => m.Whole(0.99));
    }

    public async Task WriteAsync(TextWriter writer)
    {
        await writer.WriteLineAsync($"| load | figure | {string.Join(" | ", targets.Select(static target => target.Name))} | {targets[^1].Name} / {targets[^2].Name} |");
        await writer.WriteLineAsync($"| --- | --- |{string.Concat(targets.Select(static _ => " ---: |"))} ---: |");
        foreach (var line in _lines)
        {
            await writer.WriteLineAsync(line);
        }
    }

    private void Row(string kind, string figure, string format, Measurement[] results, Func<Measurement, double> value)
    {
        var values = Array.ConvertAll(results, result => value(result));
        var ratio = values[^2] > 0 ? (values[^1] / values[^2]).ToString("N2", CultureInfo.InvariantCulture) : "";
        var cells = string.Join(" | ", values.Select(v => v.ToString(format, CultureInfo.InvariantCulture)));
        _lines.Add($"| {kind} | {figure} | {cells} | {ratio} |");
    }
}
