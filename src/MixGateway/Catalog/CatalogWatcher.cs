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
    /// <remarks>A large catalog takes long to read, so it has a thread of its own then: those of the pool are for calls, and there may be only two.</remarks>
    protected override Task RunAsync(CancellationToken stopping) =>
        source.IsAsBefore() ? Task.CompletedTask : Task.Factory.StartNew(source.Poll, stopping, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
