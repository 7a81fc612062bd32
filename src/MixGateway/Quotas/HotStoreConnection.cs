using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

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

    /// <summary>How long a command may take before the store counts as down. Only tests that ask for answers alone, on a busy machine, wait longer.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The store. Asked before <see cref="StartAsync"/> it does not exist.</summary>
    public IDatabase Database => Multiplexer.GetDatabase();

    public IConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("The hot store was asked for before it was started.");

    /// <summary>In words for a person, without its password.</summary>
    public string Description => _embedded is null
        ? $"Redis at {string.Join(", ", Multiplexer.GetEndPoints(configuredOnly: true).Select(Name))}"
        : "the store in its process";

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

    private static string Name(EndPoint endPoint) => endPoint is DnsEndPoint dns
        ? string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}")
        : endPoint.ToString() ?? "";

    private async Task ConnectAsync()
    {
        var text = configuration.GetConnectionString(ConnectionStringName);
        if (string.IsNullOrWhiteSpace(text))
        {
            _embedded = EmbeddedGarnet.Start(options.Value.EmbeddedMemory ?? EmbeddedGarnet.DefaultMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
            text = _embedded.ConnectionString;
        }

        var configured = Configure(text);
        if (_embedded is null && configuration.GetConnectionString(PasswordName) is { Length: > 0 } password)
        {
            configured.Password = password;
        }

        _multiplexer = await ConnectionMultiplexer.ConnectAsync(configured).ConfigureAwait(false);
    }

    private ConfigurationOptions Configure(string text)
    {
        var configured = ConfigurationOptions.Parse(text);
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
        return configured;
    }
}
