using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Billing;
using MixGateway.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Tests.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;
using Npgsql;

namespace MixGateway.Tests.Diagnostics;

/// <summary>Loops go on whatever their rounds throw.</summary>
public sealed class PeriodicServiceTests
{
    private static readonly Guid Id = Guid.CreateVersion7();

    private static IOptions<QuotasOptions> Quotas { get; } = Options.Create(new QuotasOptions());

    private readonly FakeTimeProvider _time = new();
    private readonly Recorder _log = new();

    [Fact]
    public async Task Round_Throws_IsLoggedOnceAndTheNextOnesRun()
    {
        var failing = true;
        var rounds = 0;
        using var service = new Counting(_time, _log, () =>
        {
            Interlocked.Increment(ref rounds);
            return Volatile.Read(ref failing) ? throw new InvalidOperationException("a bug") : Task.CompletedTask;
        });
        await service.StartAsync(CancellationToken.None);

        await PassUntilAsync(() => Volatile.Read(ref rounds) >= 5);
        _log.Errors.Should().Be(1);
        Volatile.Write(ref failing, false);
        await PassUntilAsync(() => _log.At(LogLevel.Information).Any());
        Volatile.Write(ref failing, true);
        await PassUntilAsync(() => _log.Errors == 2);

        service.ExecuteTask!.IsCompleted.Should().BeFalse();
        await service.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        service.ExecuteTask.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public async Task Round_FailsOtherwiseThanBefore_IsLoggedToo()
    {
        var rounds = 0;
        using var service = new Counting(_time, _log, () => Interlocked.Increment(ref rounds) % 2 == 0 ? throw new InvalidOperationException("one") : throw new ArgumentException("another"));
        await service.StartAsync(CancellationToken.None);
        await PassUntilAsync(() => _log.Errors >= 3);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stop_RoundThatRuns_EndsItAtOnce()
    {
        var running = new TaskCompletionSource();
        using var service = new Counting(_time, _log, async stopping =>
        {
            running.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping);
        });
        await service.StartAsync(CancellationToken.None);
        await PassUntilAsync(() => running.Task.IsCompleted);

        await service.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        service.ExecuteTask!.IsCompletedSuccessfully.Should().BeTrue();
        _log.Errors.Should().Be(0, "a stop is no failure");
    }

    /// <summary>All loops have this base, which nobody overrides: what it survives, each of them does.</summary>
    [Theory]
    [MemberData(nameof(Outages.All), MemberType = typeof(Outages))]
    public async Task Round_OutageHoweverItIsWrapped_IsFollowedByTheNext(string outage)
    {
        var rounds = 0;
        using var service = new Counting(_time, _log, () => Interlocked.Increment(ref rounds) < 4 ? throw Outages.Make(outage) : Task.CompletedTask);
        await service.StartAsync(CancellationToken.None);

        await PassUntilAsync(() => Volatile.Read(ref rounds) >= 6);

        service.ExecuteTask!.IsCompleted.Should().BeFalse();
        await service.StopAsync(CancellationToken.None);
        service.ExecuteTask.IsFaulted.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Outages.OfDatabases), MemberType = typeof(Outages))]
    public async Task OpenCalls_DatabaseAway_AreKeptUntilItTakesThem(string outage)
    {
        var calls = new OpenCalls(new ConfigurationBuilder().Build());
        calls.Open(Id, new Money(1), new byte[] { 1 });
        var database = new BrokenDatabase(() => Outages.Make(outage));
        using var writer = new OpenCallWriter(calls, new OpenCallStore(database), _time, _log.For<OpenCallWriter>());
        await writer.StartAsync(CancellationToken.None);

        await PassUntilAsync(() => database.Asked >= 3);
        await writer.StopAsync(CancellationToken.None);

        _log.Errors.Should().Be(0, "an outage is no reason to give a note up");
        calls.Take().Opened.Should().ContainSingle().Which.RequestId.Should().Be(Id);
    }

    [Fact]
    public void Loops_OfTheGateway_AllHaveTheOneBase() =>
        typeof(PeriodicService).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(BackgroundService)) && type != typeof(PeriodicService) && !type.IsSubclassOf(typeof(PeriodicService)))
            .Should().BeEmpty();

    public static TheoryData<string> Loops => [.. Makers.Keys];

    [Theory]
    [MemberData(nameof(Loops))]
    public async Task Loop_WhateverItAsksIsBroken_SaysSoAndGoesOn(string name)
    {
        using var service = Makers[name](_time, _log);
        await service.StartAsync(CancellationToken.None);

        await PassUntilAsync(() => _log.Errors >= 1);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromHours(7));
        }

        service.ExecuteTask!.IsCompleted.Should().BeFalse();
        await service.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        service.ExecuteTask.IsFaulted.Should().BeFalse();
    }

    private static Dictionary<string, Func<FakeTimeProvider, Recorder, BackgroundService>> Makers { get; } = new()
    {
        [nameof(SweeperService)] = static (time, log) => new SweeperService(
            new Sweeper(new ShardStore(Broken(log), NoDatabase, Quotas), new CallStore(Broken(log), Quotas), new NoBooks(), new HotStoreStatus(Quotas), log.For<Sweeper>()),
            Quotas, QuotasMetricsOf(time), time, log.For<SweeperService>()),
        [nameof(DebugAccounts)] = static (time, log) => new DebugAccounts(new HotStoreConnection(new ConfigurationBuilder().Build(), Quotas), time, log.For<DebugAccounts>()),
        [nameof(AccountPusher)] = static (time, log) => new AccountPusher(new PushMarks(new BrokenDatabase()), null!, Answering(), time, log.For<AccountPusher>()),
        [nameof(OpenCallWriter)] = static (time, log) =>
        {
            var calls = new OpenCalls(new ConfigurationBuilder().Build());
            calls.Open(Id, new Money(1), new byte[] { 1 });
            return new OpenCallWriter(calls, new OpenCallStore(new BrokenDatabase()), time, log.For<OpenCallWriter>());
        },
        [nameof(UsagePartitions)] = static (time, log) =>
        {
            var source = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
            source.Dispose();
            return new UsagePartitions(source, time, log.For<UsagePartitions>());
        },
    };

    private static StackExchange.Redis.IDatabase NoDatabase() => throw new NotSupportedException("a bug");

    private static ScriptRunner Broken(Recorder log) => new(NoDatabase, log.For<ScriptRunner>());

    private static QuotasMetrics QuotasMetricsOf(TimeProvider time) => new(BooksBench.NewMeters(), new HotStoreStatus(Quotas), time);

    private static HotStoreStatus Answering()
    {
        var status = new HotStoreStatus(Quotas);
        status.See(new HotStoreProbe(true, HotStoreKind.Durable, "", 0, ""));
        return status;
    }

    private Task PassUntilAsync(Func<bool> condition) => Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromHours(1));
            return condition();
        },
        "the loop has come so far",
        TimeSpan.FromSeconds(30));

    private sealed class Counting(TimeProvider time, ILogger logger, Func<CancellationToken, Task> round) : PeriodicService(time, logger)
    {
        public Counting(TimeProvider time, ILogger logger, Func<Task> round)
            : this(time, logger, _ => round())
        {
        }

        protected override TimeSpan Interval => TimeSpan.FromMinutes(1);

        protected override Task RunAsync(CancellationToken stopping) => round(stopping);
    }

    private sealed class BrokenDatabase(Func<Exception>? mistake = null) : IDbContextFactory<GatewayDbContext>
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public GatewayDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _asked);
            throw mistake?.Invoke() ?? new NotSupportedException("a bug");
        }
    }

    private sealed class NoBooks : ISweepBooks
    {
        public Task<SweepAnswer[]> BookAsync(IReadOnlyList<StoredCall> calls, CancellationToken cancellationToken) => throw new NotSupportedException("a bug");
    }

    /// <summary>Keeps the levels of what is logged, under whatever name.</summary>
    private sealed class Recorder : ILogger
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();

        public int Errors => At(LogLevel.Error).Count();

        public IEnumerable<string> At(LogLevel level) => _entries.Where(entry => entry.Level == level).Select(static entry => entry.Text);

        public ILogger<T> For<T>() => new Named<T>(this);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => _entries.Enqueue((logLevel, formatter(state, exception)));

        private sealed class Named<T>(Recorder recorder) : ILogger<T>
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull
                => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
                => recorder.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
