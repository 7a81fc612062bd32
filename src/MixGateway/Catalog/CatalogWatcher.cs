using MixGateway.Diagnostics;

namespace MixGateway.Catalog;

/// <summary>
/// Polls the settings: file system notifications do not come from network mounts and mounted Kubernetes volumes.
/// </summary>
internal sealed class CatalogWatcher(CatalogSource source, TimeProvider time, ILogger<CatalogWatcher> logger) : PeriodicService(time, logger)
{
    /// <summary>Short enough that an edit is live within a second, with room for a look that comes too early.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    protected override TimeSpan Interval => Period;

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken stopping)
    {
        source.Poll();
        return Task.CompletedTask;
    }
}
