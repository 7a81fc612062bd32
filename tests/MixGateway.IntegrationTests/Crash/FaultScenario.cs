using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>What happens on the stage in each fault, and how far it goes before what was taken away is given back.</summary>
internal sealed class FaultScenario(FaultStage stage, FaultCallers callers, FaultCalls calls)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Lets a fault happen, and gives back what was taken away. Whatever else is to be put right, the gateways have to do.</summary>
    public async Task SufferAsync(Fault fault, Random random)
    {
        var gateway = stage.Gateways[random.Next(stage.Gateways.Count)];
        await (fault switch
        {
            Fault.GatewayKilled => RestartAsync([gateway]),
            Fault.EveryGatewayKilled => RestartAsync(stage.Gateways),
            Fault.GatewayPaused => PauseGatewayAsync(gateway, random),
            Fault.RedisKilled => KillRedisAsync(random),
            Fault.RedisPaused => PauseRedisAsync(random),
            Fault.RedisFlushed => stage.Redis.FlushAsync(),
            Fault.RedisTailCut => CutRedisAsync(random),
            Fault.RedisFailedOver => stage.FailOverAsync(() => CallersGoOnAsync(random.Next(100))),
            Fault.DatabaseStopped => StopDatabaseAsync(),
            Fault.GatewayKilledWithoutDatabase => KillGatewayWithoutDatabaseAsync(gateway, random),
            Fault.RedisKilledWithoutDatabase => KillRedisWithoutDatabaseAsync(random),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "There is no such fault."),
        });
    }

    private static async Task RestartAsync(IReadOnlyList<FaultGateway> gateways)
    {
        await Task.WhenAll(gateways.Select(static gateway => gateway.KillAsync()));
        await Task.WhenAll(gateways.Select(static gateway => gateway.StartAsync()));
    }

    /// <summary>Others take back what it had running, and go on for a while.</summary>
    private async Task PauseGatewayAsync(FaultGateway gateway, Random random)
    {
        await gateway.PauseAsync();
        await calls.RunningHaveEndedAsync();
        await CallersGoOnAsync(random.Next(100));
        await gateway.ResumeAsync();
    }

    private async Task KillRedisAsync(Random random)
    {
        await stage.Redis.KillAsync();
        await CallersGoOnAsync(random.Next(150));
        await stage.Redis.StartAsync();
    }

    private async Task PauseRedisAsync(Random random)
    {
        await stage.Redis.PauseAsync();

        // From a little more than a command's time-out to more than a lease. Leases run out by the clock of Redis, which cannot be asked,
        // and what callers are told is the same throughout.
        await Scenario.LastsAsync(TimeSpan.FromSeconds(1.5 + (random.NextDouble() * 2.5)));
        await stage.Redis.ResumeAsync();
    }

    private async Task CutRedisAsync(Random random)
    {
        await stage.Redis.KillAsync();
        stage.Redis.CutAppendOnlyFile(random.Next(1, 4000));
        await stage.Redis.StartAsync();
    }

    private async Task StopDatabaseAsync()
    {
        await stage.Postgres.StopAsync();
        await calls.SettledArePutOffAsync();
        await stage.Postgres.StartAsync();
    }

    private async Task KillGatewayWithoutDatabaseAsync(FaultGateway gateway, Random random)
    {
        await stage.Postgres.StopAsync();
        await calls.SettledAsync();
        await CallersGoOnAsync(random.Next(100));
        await gateway.KillAsync();
        await CallersGoOnAsync(random.Next(150));
        await stage.Postgres.StartAsync();
        await gateway.StartAsync();
    }

    private async Task KillRedisWithoutDatabaseAsync(Random random)
    {
        await stage.Postgres.StopAsync();
        await calls.SettledAsync();
        await CallersGoOnAsync(random.Next(100));
        await stage.Redis.KillAsync();
        await CallersGoOnAsync(random.Next(150));
        await stage.Redis.StartAsync();
        await CallersGoOnAsync(random.Next(150));
        await stage.Postgres.StartAsync();
    }

    /// <summary>Waits until so many more calls are over, well or not: every store may be away.</summary>
    private async Task CallersGoOnAsync(int more)
    {
        var enough = callers.Over + more;
        await Eventually.TrueAsync(() => callers.Over >= enough, "callers who go on", Patience);
    }
}
