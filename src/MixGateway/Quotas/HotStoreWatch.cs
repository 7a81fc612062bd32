using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Storage;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>Starts the hot store with the application, and looks at it every second, and whenever a connection to it breaks or is made.</summary>
internal sealed partial class HotStoreWatch(
    HotStoreConnection connection, HotStoreCheck check, HotStoreIdentity identity, HotStoreStatus status, IOptions<QuotasOptions> options, TimeProvider time,
    ILogger<HotStoreWatch> logger)
    : PeriodicService(time, logger)
{
    private readonly ILogger _logger = logger;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly HotStoreDiagnosis _diagnosis = new(connection.DiagnoseAsync, time);
    private (HotStoreKind? Kind, string Why) _said;
    private string _saidNotPermitted = "";
    private HotStoreClosure _closure = HotStoreClosure.Silent;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Connects before the services that were registered later start, so before the first call.</summary>
    /// <exception cref="DatabaseRefusedException">The store holds what is another database's.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        identity.Begin();
        await connection.StartAsync().ConfigureAwait(false);
        connection.Multiplexer.ConnectionFailed += OnConnectionChanged;
        connection.Multiplexer.ConnectionRestored += OnConnectionChanged;
        await LookAsync().ConfigureAwait(false);
        if (status.IsForeign)
        {
            throw new DatabaseRefusedException($"{HotStoreConnection.SettingName}: {status.Why}.");
        }

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
        HotStoreProbe probe;
        try
        {
            probe = await AskAsync(losses).ConfigureAwait(false);
        }
        catch
        {
            // Nobody knows how the store is, so nobody may take calls; whoever runs the rounds says what broke.
            status.See(HotStoreProbe.Silent);
            throw;
        }

        if (probe.Answers && status.Losses != losses)
        {
            // It may have been another server that answered. The next look is due already.
            probe = HotStoreProbe.Silent;
        }

        status.See(probe);
        Say(probe);
    }

    private async Task<HotStoreProbe> AskAsync(int losses)
    {
        var probe = await HotStoreProbe.LookAsync(connection, options.Value).ConfigureAwait(false);
        if (!probe.Answers)
        {
            return await _diagnosis.WhyAsync().ConfigureAwait(false) is { } why ? HotStoreProbe.SilentBecause(why) : probe;
        }

        _diagnosis.Forget();
        return await check.RunAsync().ConfigureAwait(false) is { } refused
            ? probe.ClosedBecause(refused)
            : await identity.AskAsync(probe, losses).ConfigureAwait(false);
    }

    /// <summary>One line for each change, and none for a look that found what the one before it found.</summary>
    private void Say(in HotStoreProbe probe)
    {
        var what = connection.Embedded is null ? "Redis" : "embedded";
        if (_said != (probe.Kind, probe.Why))
        {
            _said = (probe.Kind, probe.Why);
            if (probe.Kind is { } kind)
            {
                Log.Seen(_logger, what, kind, probe.Why);
            }
            else
            {
                Log.Silent(_logger, what, probe.Why);
            }
        }

        if (probe.Answers && _saidNotPermitted != probe.NotPermitted)
        {
            _saidNotPermitted = probe.NotPermitted;
            if (probe.NotPermitted.Length > 0)
            {
                Log.NotPermitted(_logger, what, probe.NotPermitted);
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

        [LoggerMessage(2, LogLevel.Error, "The hot store ({Store}) takes no calls: {Why}. New calls get 503 until that has changed", EventName = "HotStoreSilent")]
        public static partial void Silent(ILogger logger, string store, string why);

        [LoggerMessage(3, LogLevel.Critical, "The hot store uses {Share:P0} of its memory: new calls are refused. Give it more (Quotas:EmbeddedMemory, or maxmemory of Redis)", EventName = "HotStoreFull")]
        public static partial void Full(ILogger logger, double share);

        [LoggerMessage(4, LogLevel.Error, "{Calls} calls run or wait for the database: new calls are refused until fewer than Quotas:MaxPending do", EventName = "HotStorePending")]
        public static partial void Pending(ILogger logger, long calls);

        [LoggerMessage(5, LogLevel.Warning, "The hot store ({Store}) works with limits: {What}", EventName = "HotStoreNotPermitted")]
        public static partial void NotPermitted(ILogger logger, string store, string what);
    }
}
