namespace MixGateway.Catalog;

/// <summary>
/// Polls the settings: file system notifications do not come from network mounts and mounted Kubernetes volumes.
/// </summary>
internal sealed class CatalogWatcher(CatalogSource source, TimeProvider time) : BackgroundService
{
    /// <summary>Short enough that an edit is live within a second, with room for a look that comes too early.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                source.Poll();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host is stopping.
        }
    }
}
