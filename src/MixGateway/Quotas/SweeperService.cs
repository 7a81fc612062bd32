using Microsoft.Extensions.Options;

namespace MixGateway.Quotas;

/// <summary>Sweeps every <c>Quotas:Sweep</c>.</summary>
internal sealed class SweeperService(Sweeper sweeper, IOptions<QuotasOptions> options, QuotasMetrics metrics, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Sweep, time);
        try
        {
            do
            {
                var startedAt = metrics.Start();
                await sweeper.SweepAsync(stoppingToken).ConfigureAwait(false);
                metrics.Swept(startedAt);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops; other replicas, or the next start, go on.
        }
    }
}
