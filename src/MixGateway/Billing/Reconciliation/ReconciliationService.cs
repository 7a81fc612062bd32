using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>Compares the stores every <c>Billing:Reconciliation:Interval</c>. It never repairs.</summary>
internal sealed partial class ReconciliationService(
    Reconciler reconciler, IOptions<ReconciliationOptions> options, TimeProvider time, ILogger<ReconciliationService> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Interval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await reconciler.RunAsync(stoppingToken);
        }
        catch (Exception e) when (e is HotStoreSilentException || DatabaseFault.IsAway(e))
        {
            Log.Failed(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Reconciliation could not compare the stores; the next one is due after Billing:Reconciliation:Interval", EventName = "ReconciliationFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
