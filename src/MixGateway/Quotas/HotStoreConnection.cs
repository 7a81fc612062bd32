using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using MixGateway.Storage;
using StackExchange.Redis;
using StackExchange.Redis.KeyspaceIsolation;

namespace MixGateway.Quotas;

/// <summary>
/// The one connection to the hot store: Redis where <c>ConnectionStrings:Redis</c> is set, else a store of this process.
/// Started before anything asks for it; a Redis that is down is connected to as soon as it is up.
/// </summary>
internal sealed class HotStoreConnection(IConfiguration configuration, IOptions<QuotasOptions> options) : IAsyncDisposable
{
    public const string ConnectionStringName = "Redis";

    /// <summary>As an operator writes it.</summary>
    public const string SettingName = "ConnectionStrings:" + ConnectionStringName;

    /// <summary>The password alone, so that one secret file serves Redis and the gateway.</summary>
    public const string PasswordName = "RedisPassword";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _starting = new();
    private Task? _started;
    private EmbeddedGarnet? _embedded;
    private ConnectionMultiplexer? _multiplexer;
    private ConfigurationOptions? _configured;
    private IDatabase? _database;

    /// <summary>How long a command may take before the store counts as down. Only tests that ask for answers alone, on a busy machine, wait longer.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The store. Asked before <see cref="StartAsync"/> it does not exist.</summary>
    public IDatabase Database => _database ?? throw NotStarted();

    public IConnectionMultiplexer Multiplexer => _multiplexer ?? throw NotStarted();

    /// <summary>In words for a person, without its password.</summary>
    public string Description => _embedded is null
        ? $"Redis at {string.Join(", ", Multiplexer.GetEndPoints(configuredOnly: true).Select(Name))}{(Prefix.Length > 0 ? $" with the prefix {Prefix}" : "")}"
        : "the store in its process";

    private string Prefix => options.Value.KeyPrefix;

    /// <summary>The store of this process; null with Redis.</summary>
    public EmbeddedGarnet? Embedded => _embedded;

    /// <summary>True if the hot store is to be one of this process, which dies with it.</summary>
    public static bool IsEmbedded(IConfiguration configuration) => string.IsNullOrWhiteSpace(configuration.GetConnectionString(ConnectionStringName));

    /// <summary>
    /// Starts the embedded store if there is to be one, and connects; once, however often it is asked. Asked early, it runs
    /// beside the migration of the database.
    /// </summary>
    public Task StartAsync()
    {
        lock (_starting)
        {
            return _started ??= Task.Run(ConnectAsync);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_started is { } started)
        {
            // A host that fails early may end while the store is still being started.
            await started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_multiplexer is not null)
        {
            await _multiplexer.DisposeAsync().ConfigureAwait(false);
        }

        _embedded?.Dispose();
    }

    /// <summary>Tries a connection of its own, because the one that is kept does not say why it cannot be made.</summary>
    /// <returns>Why the store cannot be used; null if nothing stands in the way.</returns>
    public Task<string?> DiagnoseAsync() => _embedded is null && _configured is { } configured ? new HotStoreTrial(configured).RunAsync() : Task.FromResult<string?>(null);

    private static InvalidOperationException NotStarted() => new("The hot store was asked for before it was started.");

    private static string Name(EndPoint endPoint) => endPoint is DnsEndPoint dns
        ? string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}")
        : endPoint.ToString() ?? "";

    private async Task ConnectAsync()
    {
        var configured = HotStoreSettings.Read(configuration);
        if (configured is null)
        {
            _embedded = EmbeddedGarnet.Start(options.Value.EmbeddedMemory ?? EmbeddedGarnet.DefaultMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
            configured = ConfigurationOptions.Parse(_embedded.ConnectionString);
        }

        _configured = Configure(configured);
        _multiplexer = await ConnectionMultiplexer.ConnectAsync(_configured).ConfigureAwait(false);
        var database = _multiplexer.GetDatabase();
        _database = Prefix.Length > 0 ? database.WithKeyPrefix(Prefix) : database;
        await CheckDatabaseNumberAsync(_configured.DefaultDatabase ?? 0).ConfigureAwait(false);
    }

    /// <summary>How many databases a server has only it knows.</summary>
    private async Task CheckDatabaseNumberAsync(int number)
    {
        if (number <= 0)
        {
            return;
        }

        try
        {
            await Database.KeyExistsAsync(AccountShard.IdKey[0]).ConfigureAwait(false);
        }
        catch (Exception e) when (HotStoreFault.IsNoSuchDatabase(e))
        {
            throw new DatabaseRefusedException($"{SettingName}: defaultDatabase is {number.ToString(CultureInfo.InvariantCulture)}, and {Description} has no such database. Redis has those from 0 to 15 unless it is set up otherwise, a cluster only 0.");
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            // It is away, or refuses something else: whoever looks at it says so.
        }
    }

    private ConfigurationOptions Configure(ConfigurationOptions configured)
    {
        // A command waits for an answer, never for a connection: while the store is away callers are answered at once.
        configured.BacklogPolicy = BacklogPolicy.FailFast;
        configured.AbortOnConnectFail = false;
        configured.AsyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        configured.SyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        configured.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        configured.ReconnectRetryPolicy = new LinearRetry(200);
        // Time-outs are found on this beat, so it bounds how late a second is.
        configured.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        // A copy that took over is not announced: it is asked what it is.
        configured.ConfigCheckSeconds = 1;
        configured.ClientName = "mixgateway";
        // INFO and CONFIG GET count as administration for the client; nothing else of that kind is sent.
        configured.AllowAdmin = true;
        // Keys and channels that the client would use of its own accord: others may share the server, and a user may be kept to its own keys.
        configured.TieBreaker = "";
        configured.ConfigurationChannel = "";
        return configured;
    }
}
