using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;

namespace MixGateway.Quotas;

/// <summary>Sweeps every <c>Quotas:Sweep</c>.</summary>
internal sealed class SweeperService(Sweeper sweeper, IOptions<QuotasOptions> options, QuotasMetrics metrics, TimeProvider time, ILogger<SweeperService> logger)
    : PeriodicService(time, logger)
{
    /// <inheritdoc/>
    protected override TimeSpan Interval => options.Value.Sweep;

    /// <inheritdoc/>
    protected override bool RunsAtStart => true;

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        var startedAt = metrics.Start();
        await sweeper.SweepAsync(stopping).ConfigureAwait(false);
        metrics.Swept(startedAt);
    }
}
