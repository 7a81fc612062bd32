using System.Diagnostics;
using System.Globalization;
using MixGateway.IntegrationTests.Fixtures;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>Three replicas on PostgreSQL and a durable Redis lose each of these, one after the other, under load; nothing is put right by hand.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>Set it to repeat a run; without it every run takes a seed of its own and prints it.</summary>
    private const string SeedVariable = "MIXGATEWAY_FAULT_SEED";

    /// <summary>How many rounds to run, for a longer search than a test run has time for.</summary>
    private const string RoundsVariable = "MIXGATEWAY_FAULT_ROUNDS";

    private const int Accounts = 3;

    /// <summary>Each fault once.</summary>
    private static readonly int DefaultRounds = Enum.GetValues<Fault>().Length;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Replicas_ThroughEveryFaultUnderLoad_KeepThePromisesOfTheBooks()
    {
        var seed = Setting(SeedVariable) ?? Random.Shared.Next();
        output.WriteLine($"{SeedVariable}={seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        await using var stage = await FaultStage.StartAsync();
        await using var books = await FaultBooks.OpenAsync(stage);
        await using var calls = await FaultCalls.OpenAsync(stage);
        var accounts = await stage.CreateAccountsAsync(Accounts, "1000");
        var callers = new FaultCallers(stage, accounts);
        var scenario = new FaultScenario(stage, callers, calls);
        var round = 0;
        foreach (var fault in FaultPlan.Of(random, Setting(RoundsVariable) ?? DefaultRounds))
        {
            round++;
            try
            {
                await RunAsync(stage, books, callers, scenario, accounts, fault, round, new Random(random.Next()));
            }
            catch (Exception e)
            {
                output.WriteLine(string.Join('\n', stage.Gateways.Select(static gateway => gateway.Output)));
                throw new InvalidOperationException($"Round {round}, {fault}, {SeedVariable}={seed}: {e.Message}", e);
            }
        }
    }

    private async Task RunAsync(
        FaultStage stage, FaultBooks books, FaultCallers callers, FaultScenario scenario, IReadOnlyList<CrashAccount> accounts, Fault fault, int round, Random random)
    {
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        var load = callers.RunAsync(new Random(random.Next()), stop.Token);
        var watching = books.WatchAsync(accounts, mayForget: fault is Fault.RedisFlushed or Fault.RedisTailCut or Fault.RedisFailedOver, stop.Token);
        await EndedAsync(callers, random.Next(20, 100), load);
        var corrections = callers.CorrectAsync(string.Create(CultureInfo.InvariantCulture, $"round {round}"), new Random(random.Next()));
        await scenario.SufferAsync(fault, random);
        await EndedAsync(callers, 50, load);
        await corrections;
        await stop.CancelAsync();
        await load;

        (await watching).Should().BeEmpty("this holds at every instant");
        var drained = await books.ShouldDrainAsync(accounts);
        var seen = callers.TakeSeen();
        await books.ShouldHoldAsync(seen, stage.Upstream.State.Calls);
        await books.ShouldAddUpAsync();
        await stage.ShouldReconcileAsync(random.Next(stage.Gateways.Count), accounts.Count);
        await books.ShouldHaveCorrectionsAsync(round, accounts.Count);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{round,3} {fault,-30} {seen.Count(static call => call.Sight == Sight.Ended),5} ended {seen.Count(static call => call.Sight == Sight.Refused),5} refused {seen.Count(static call => call.Sight == Sight.Cut),5} cut; settled after {drained.TotalSeconds:F1} s, {clock.Elapsed.TotalSeconds:F1} s in all"));
    }

    /// <summary>Waits for so many more answers, so that a fault meets every stage of a call, and so that service is back after it.</summary>
    private static async Task EndedAsync(FaultCallers callers, int more, Task load)
    {
        var enough = callers.Ended + more;
        await Eventually.TrueAsync(() => load.IsFaulted || callers.Ended >= enough, "calls are answered again by themselves", Patience);
        if (load.IsFaulted)
        {
            await load;
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
