using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Benchmarks.Books;

/// <summary>
/// What a call asks of the hot store: to be admitted, to be settled where the store is durable, and to be forgotten once the
/// database has it. The database itself is left out.
/// </summary>
internal sealed class HotStorePair : IAsyncDisposable
{
    private static readonly BillingPeriod Today = new("2026-11-22", "2026-11");
    private static readonly Money Cost = new(1_234_567);
    private static readonly Money Hold = new(20_000_000);

    private readonly HotStoreConnection _connection;
    private readonly ScriptRunner _runner;
    private readonly CallStore _calls;
    private readonly bool _settles;
    private readonly UsageRecord _record;

    private HotStorePair(HotStoreConnection connection, IOptions<QuotasOptions> options, bool settles)
    {
        _connection = connection;
        _runner = new ScriptRunner(() => connection.Database, NullLogger<ScriptRunner>.Instance);
        _calls = new CallStore(_runner, options);
        _settles = settles;
        _record = Record();
    }

    /// <summary>In words for the table.</summary>
    public string Name => (_connection.Embedded is null, _settles) switch
    {
        (false, _) => "embedded Garnet",
        (_, true) => "Redis, durable",
        _ => "Redis, volatile",
    };

    /// <summary>Requests to the store since the start; each waits for its answer.</summary>
    public long RoundTrips => _connection.Multiplexer.OperationCount;

    /// <summary>Connects to the Redis of the settings, or starts the embedded store.</summary>
    public static async Task<HotStorePair> StartAsync(string? redis)
    {
        var options = Options.Create(new QuotasOptions());
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Redis", redis)]).Build();
        var connection = new HotStoreConnection(configuration, options) { CommandTimeout = TimeSpan.FromSeconds(30) };
        await connection.StartAsync();
        var probe = await HotStoreProbe.LookAsync(connection, options.Value);
        return new HotStorePair(connection, options, probe.Kind is HotStoreKind.Durable);
    }

    /// <summary>An account that can pay for any run.</summary>
    /// <returns>The account and its key.</returns>
    public async Task<(Guid Account, Guid Key)> CreateAccountAsync()
    {
        var (account, key) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var nothing = new Spent(Today, Money.Zero, Money.Zero, Money.Zero);
        var limits = new CallLimits { RequestsPerMinute = 1_000_000_000, TokensPerMinute = 1_000_000_000_000, MaxConcurrent = 1000 };
        var state = new AccountState(account, new Money(1_000_000_000_000_000_000), 1, 1, false, limits, nothing, [new KeyState(key, false, null, limits, nothing)]);
        return await new AccountStore(_runner, Options.Create(new QuotasOptions())).InstallAsync(state) ? (account, key) : throw new InvalidOperationException("The hot store does not answer.");
    }

    /// <summary>One call from its admission to its acknowledgement.</summary>
    public async Task RunAsync(Guid account, Guid key)
    {
        var record = _record with { RequestId = Guid.CreateVersion7(), AccountId = account, KeyId = key };
        var admission = await _calls.AdmitAsync(new AdmissionRequest(record.RequestId, account, key, Hold, 9000, Today, RecordPayload.Write(record), KeyVersion.Any));
        var ticket = admission.Ticket ?? throw new InvalidOperationException($"A call was answered with {admission.Status}.");
        if (_settles)
        {
            await _calls.SettleAsync(ticket, Cost, 900, RecordPayload.Write(record));
        }

        await _calls.AckAsync(ticket, new Money(1_000_000_000_000_000_000), 1, Cost);
    }

    /// <summary>Processor time of a Redis, which is not in this process.</summary>
    public async Task<TimeSpan> ReadServerCpuAsync()
    {
        if (_connection.Embedded is not null)
        {
            return TimeSpan.Zero;
        }

        var seconds = 0d;
        foreach (var line in (await _connection.Multiplexer.GetServers()[0].InfoRawAsync("cpu") ?? "").Split('\n'))
        {
            if (line.StartsWith("used_cpu_sys:", StringComparison.Ordinal) || line.StartsWith("used_cpu_user:", StringComparison.Ordinal))
            {
                seconds += double.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
            }
        }

        return TimeSpan.FromSeconds(seconds);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static UsageRecord Record() => new()
    {
        RequestId = Guid.Empty,
        AccountId = Guid.Empty,
        KeyId = Guid.Empty,
        Provider = "openai",
        Model = "openai:gpt-5-mini",
        Stream = true,
        Status = CallStatus.Completed,
        UsageSource = UsageSource.Reported,
        Tokens = new TokenUsage(800, 200, 0, 100, 0),
        Prices = new TokenPrices(250_000_000, 25_000_000, 250_000_000, 2_000_000_000, 2_000_000_000),
        RequestPrice = 0,
        Currency = "USD",
        Cost = Cost,
        CatalogRevision = 1,
        StartedAt = DateTime.UnixEpoch,
        DurationMs = 1500,
        FirstTokenMs = 300,
        HttpStatus = 200,
        ErrorCode = null,
        Attempts = 1,
    };
}
