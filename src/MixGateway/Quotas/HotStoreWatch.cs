using Microsoft.Extensions.Options;

namespace MixGateway.Quotas;

/// <summary>Starts the hot store with the application, and looks at it every second.</summary>
internal sealed partial class HotStoreWatch(
    HotStoreConnection connection, HotStoreStatus status, IOptions<QuotasOptions> options, TimeProvider time, ILogger<HotStoreWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private (bool Answers, HotStoreKind? Kind) _said;
    private HotStoreClosure _closure = HotStoreClosure.Silent;

    /// <summary>Connects before the services that were registered later start, so before the first call.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await connection.StartAsync().ConfigureAwait(false);
        await LookAsync().ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                await LookAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private async Task LookAsync()
    {
        var probe = await HotStoreProbe.LookAsync(connection, options.Value).ConfigureAwait(false);
        status.See(probe);
        if (_said != (probe.Answers, probe.Kind))
        {
            _said = (probe.Answers, probe.Kind);
            var what = connection.Embedded is null ? "Redis" : "embedded";
            if (probe.Kind is { } kind)
            {
                Log.Seen(logger, what, kind, probe.Why);
            }
            else
            {
                Log.Silent(logger, what);
            }
        }

        if (_closure != status.Closure)
        {
            _closure = status.Closure;
            if (_closure is HotStoreClosure.Memory)
            {
                Log.Full(logger, probe.MemoryUsed);
            }
            else if (_closure is HotStoreClosure.Pending)
            {
                Log.Pending(logger, status.Calls);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The hot store ({Store}) is {Kind}: {Why}", EventName = "HotStoreSeen")]
        public static partial void Seen(ILogger logger, string store, HotStoreKind kind, string why);

        [LoggerMessage(2, LogLevel.Error, "The hot store ({Store}) does not answer: new calls are refused until it does", EventName = "HotStoreSilent")]
        public static partial void Silent(ILogger logger, string store);

        [LoggerMessage(3, LogLevel.Critical, "The hot store uses {Share:P0} of its memory: new calls are refused. Give it more (Quotas:EmbeddedMemory, or maxmemory of Redis)", EventName = "HotStoreFull")]
        public static partial void Full(ILogger logger, double share);

        [LoggerMessage(4, LogLevel.Error, "{Calls} calls run or wait for the database: new calls are refused until fewer than Quotas:MaxPending do", EventName = "HotStorePending")]
        public static partial void Pending(ILogger logger, long calls);
    }
}
