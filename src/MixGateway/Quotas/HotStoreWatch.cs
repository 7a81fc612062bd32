using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>Starts the hot store with the application, and looks at it every second, and whenever a connection to it breaks or is made.</summary>
internal sealed partial class HotStoreWatch(
    HotStoreConnection connection, HotStoreIdentity identity, HotStoreStatus status, IOptions<QuotasOptions> options, TimeProvider time, ILogger<HotStoreWatch> logger)
    : PeriodicService(time, logger)
{
    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private (bool Answers, HotStoreKind? Kind) _said;
    private HotStoreClosure _closure = HotStoreClosure.Silent;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Connects before the services that were registered later start, so before the first call.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await connection.StartAsync().ConfigureAwait(false);
        connection.Multiplexer.ConnectionFailed += OnConnectionChanged;
        connection.Multiplexer.ConnectionRestored += OnConnectionChanged;
        await LookAsync().ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        connection.Multiplexer.ConnectionFailed -= OnConnectionChanged;
        connection.Multiplexer.ConnectionRestored -= OnConnectionChanged;
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task WaitAsync(PeriodicTimer timer, CancellationToken stopping) => await _wake.WaitAsync(Interval, stopping).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken stopping) => LookAsync();

    private async Task LookAsync()
    {
        var losses = status.Losses;
        var probe = await HotStoreProbe.LookAsync(connection, options.Value).ConfigureAwait(false);
        if (probe.Answers && (!await identity.AskAsync(probe).ConfigureAwait(false) || status.Losses != losses))
        {
            // Also if the connection broke meanwhile: it may have been another server that answered. The next look is due then.
            probe = HotStoreProbe.Silent;
        }

        status.See(probe);
        if (_said != (probe.Answers, probe.Kind))
        {
            _said = (probe.Answers, probe.Kind);
            var what = connection.Embedded is null ? "Redis" : "embedded";
            if (probe.Kind is { } kind)
            {
                Log.Seen(_logger, what, kind, probe.Why);
            }
            else
            {
                Log.Silent(_logger, what);
            }
        }

        if (_closure != status.Closure)
        {
            _closure = status.Closure;
            if (_closure is HotStoreClosure.Memory)
            {
                Log.Full(_logger, probe.MemoryUsed);
            }
            else if (_closure is HotStoreClosure.Pending)
            {
                Log.Pending(_logger, status.Calls);
            }
        }
    }

    /// <summary>Behind a new connection may be a server that knows less: no call is admitted there before it was looked at.</summary>
    private void OnConnectionChanged(object? sender, ConnectionFailedEventArgs change)
    {
        if (change.ConnectionType != ConnectionType.Interactive)
        {
            return;
        }

        // A server that was away before and cannot be reached again takes nothing away: another one has its place, or the look finds none.
        if (change.FailureType != ConnectionFailureType.UnableToConnect)
        {
            status.Lose();
        }

        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
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
