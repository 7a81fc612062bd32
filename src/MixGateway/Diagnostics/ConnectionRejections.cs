using Serilog.Events;

namespace MixGateway.Diagnostics;

/// <summary>
/// Kestrel logs each connection beyond the most that are served at a time. Where they are refused there are thousands, so one line a
/// minute is kept; the metric <c>kestrel.rejected_connections</c> counts them all.
/// </summary>
internal sealed class ConnectionRejections(TimeProvider time)
{
    private const string Source = "Microsoft.AspNetCore.Server.Kestrel.Connections";
    private const string Event = "ConnectionRejected";

    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private long _last = long.MinValue;

    /// <summary>True for a rejection that is not to be logged.</summary>
    public bool IsRepeated(LogEvent entry)
    {
        if (entry.Level != LogEventLevel.Warning || !IsRejection(entry))
        {
            return false;
        }

        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref _last);
        return (last != long.MinValue && time.GetElapsedTime(last, now) < Between) || Interlocked.CompareExchange(ref _last, now, last) != last;
    }

    private static bool IsRejection(LogEvent entry) =>
        entry.Properties.TryGetValue("SourceContext", out var source) && source is ScalarValue { Value: Source }
        && entry.Properties.TryGetValue("EventId", out var id) && id is StructureValue structure
        && structure.Properties.Any(static member => member is { Name: "Name", Value: ScalarValue { Value: Event } });
}
