using System.Globalization;
using MixGateway.Diagnostics;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// One live hot store per database: every replica says in the database which one it works with, and one that would work with another
/// does not start. An embedded database has one gateway only, by the lock on its folder, so there is nothing to agree on.
/// </summary>
internal sealed partial class ReplicaRegistry : PeriodicService
{
    /// <summary>How often a replica gives a sign of life.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>A replica that gave no sign for so long, while somebody watched, is dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private readonly ReplicaTable _table;
    private readonly AccountStore _accounts;
    private readonly HotStoreConnection _connection;
    private readonly HotStoreStatus _status;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplicaRegistry> _logger;
    private readonly bool _isNeeded;
    private readonly Guid _id;
    private readonly string _host = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}, process {Environment.ProcessId}");
    private readonly ReplicaWatch _watch;
    private bool _joined;

    public ReplicaRegistry(
        ReplicaTable table, AccountStore accounts, HotStoreConnection connection, HotStoreStatus status, IConfiguration configuration, TimeProvider time,
        ILogger<ReplicaRegistry> logger)
        : base(time, logger)
    {
        _table = table;
        _accounts = accounts;
        _connection = connection;
        _status = status;
        _time = time;
        _logger = logger;
        _isNeeded = StorageExtensions.UsesPostgres(configuration);
        _id = Guid.CreateVersion7(time.GetUtcNow());
        _watch = new ReplicaWatch(Lease, time);
    }

    /// <inheritdoc/>
    protected override TimeSpan Interval => Beat;

    private ReplicaSign Sign => new(_id, _accounts.StoreId, _connection.Description, _host, _time.GetUtcNow().UtcDateTime);

    /// <summary>Joins before calls are taken. If the hot store does not answer yet, no calls are taken until it does and this replica has joined.</summary>
    /// <exception cref="DatabaseRefusedException">A replica with another hot store lives.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_isNeeded)
        {
            return;
        }

        _status.IsUnshared = true;
        while (_accounts.StoreId.Length > 0 && await JoinAsync(cancellationToken) is { } other)
        {
            if (_watch.Lives(other))
            {
                throw new DatabaseRefusedException(Refusal(other));
            }

            // It may be dead, or about to say that its store has a new name: the next seconds tell.
            await Task.Delay(Look, _time, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_joined)
        {
            return;
        }

        try
        {
            await _table.LeaveAsync(_id, _time.GetUtcNow().UtcDateTime - Forgotten, cancellationToken);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.NotTold(_logger, e);
        }
    }

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken stopping) => TellAsync(stopping);

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_accounts.StoreId.Length == 0 || (_joined && await _table.BeatAsync(Sign, cancellationToken)))
            {
                return;
            }

            // Never joined because the hot store was silent, or taken for dead while the database was out of reach.
            if (await JoinAsync(cancellationToken) is { } other && !_status.IsUnshared)
            {
                _status.IsUnshared = true;
                Log.Unshared(_logger, Refusal(other));
            }
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.NotTold(_logger, e);
        }
    }

    /// <returns>Null if this replica has joined, else one that is in the way.</returns>
    private async Task<ReplicaRow?> JoinAsync(CancellationToken cancellationToken)
    {
        var inTheWay = await _table.JoinAsync(Sign, _watch.IsDead, cancellationToken);
        _joined = inTheWay.Count == 0;
        if (_joined)
        {
            _status.IsUnshared = false;
        }

        return inTheWay.Find(_watch.Lives) ?? inTheWay.FirstOrDefault();
    }

    private string Refusal(ReplicaRow other) =>
        $"{HotStoreConnection.SettingName}: this gateway works with {_connection.Description} ({_accounts.StoreId}), but another one on the same database ({other.Host}) works with "
        + $"{other.HotStore} ({other.HotStoreId}). Holds and limits would be counted twice. Give all gateways the same {HotStoreConnection.SettingName}; to move to another hot store, stop all of them first.";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "No calls are taken: {Refusal}", EventName = "HotStoreUnshared")]
        public static partial void Unshared(ILogger logger, string refusal);

        [LoggerMessage(2, LogLevel.Debug, "The database could not be told that this replica lives", EventName = "ReplicaNotTold")]
        public static partial void NotTold(ILogger logger, Exception exception);
    }
}
