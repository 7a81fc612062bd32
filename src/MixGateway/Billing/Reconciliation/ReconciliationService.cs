using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>Compares the stores every <c>Billing:Reconciliation:Interval</c>. It never repairs.</summary>
internal sealed partial class ReconciliationService(
    Reconciler reconciler, IOptions<ReconciliationOptions> options, TimeProvider time, ILogger<ReconciliationService> logger) : PeriodicService(time, logger)
{
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => options.Value.Interval;

    /// <inheritdoc/>
    protected override bool IsNeeded => options.Value.Interval > TimeSpan.Zero;

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await reconciler.RunAsync(stopping);
        }
        catch (Exception e) when (e is HotStoreSilentException or HotStoreScriptException || DatabaseFault.IsAway(e))
        {
            Log.Failed(_logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Reconciliation could not compare the stores; the next one is due after Billing:Reconciliation:Interval", EventName = "ReconciliationFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
