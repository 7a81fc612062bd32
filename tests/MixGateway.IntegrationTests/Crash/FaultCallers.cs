using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>
/// Callers who never tire, each at one replica and on one account, and administrators who book money in and out meanwhile.
/// All of them note what they were told.
/// </summary>
internal sealed class FaultCallers(FaultStage stage, IReadOnlyList<CrashAccount> accounts)
{
    private const int CallersPerReplica = 4;
    private const int SlowCallersPerReplica = 1;

    private static readonly TimeSpan BetweenCorrections = TimeSpan.FromMilliseconds(100);

    /// <summary>More than a fault lasts, on a busy machine too: it is given back when its effect has been seen.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<SeenCall> _seen = new();
    private int _ended;
    private int _over;

    /// <summary>Answers that ended since the start.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Calls that were over since the start, whether they ended, were refused or cut off.</summary>
    public int Over => Volatile.Read(ref _over);

    /// <summary>What has been seen since it was taken last.</summary>
    public IReadOnlyList<SeenCall> TakeSeen()
    {
        List<SeenCall> taken = [];
        while (_seen.TryDequeue(out var seen))
        {
            taken.Add(seen);
        }

        return taken;
    }

    /// <summary>Calls until told to stop; what runs then is waited for.</summary>
    public Task RunAsync(Random random, CancellationToken stop)
    {
        List<Task> callers = [];
        for (var replica = 0; replica < stage.Gateways.Count; replica++)
        {
            for (var i = 0; i < CallersPerReplica; i++)
            {
                callers.Add(CallAsync(stage.Gateways[replica], accounts[(replica + i) % accounts.Count], i < SlowCallersPerReplica, new Random(random.Next()), stop));
            }
        }

        return Task.WhenAll(callers);
    }

    /// <summary>Books an amount in and the same out again, in every account; whoever gets no answer asks again with the same key.</summary>
    public async Task CorrectAsync(string name, Random random)
    {
        foreach (var account in accounts)
        {
            await InsistAsync(account, new { amount = "2.5", note = name, idempotencyKey = name + "+" }, random);
            await InsistAsync(account, new { amount = "-2.5", note = name, idempotencyKey = name + "-" }, random);
        }
    }

    private async Task CallAsync(FaultGateway gateway, CrashAccount account, bool isSlow, Random random, CancellationToken stop)
    {
        // Each has a patience of its own, so that they do not come back all at once.
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(20, 100)));
        while (!stop.IsCancellationRequested)
        {
            var address = gateway.Address;
            using var client = GatewayProcess.Client(address, account.Key);
            while (!stop.IsCancellationRequested && gateway.Address == address)
            {
                var call = (isSlow ? CrashCall.NextSlow(random) : CrashCall.Next(random)).Within(prompt: 10_000) with { Provider = FaultStage.Providers[random.Next(FaultStage.Providers.Count)] };
                var seen = await CrashClient.CallAsync(client, account.Id, call);
                _seen.Enqueue(seen);
                Interlocked.Increment(ref _over);
                if (seen.Sight == Sight.Ended)
                {
                    Interlocked.Increment(ref _ended);
                }
                else
                {
                    await again.WaitForNextTickAsync(CancellationToken.None);
                }
            }
        }
    }

    private async Task InsistAsync(CrashAccount account, object credit, Random random)
    {
        var answered = HttpStatusCode.Unused;
        var clock = Stopwatch.StartNew();
        using var again = new PeriodicTimer(BetweenCorrections);
        while (answered is not (HttpStatusCode.Created or HttpStatusCode.OK))
        {
            clock.Elapsed.Should().BeLessThan(Patience, "a correction is taken once the stores are back, and not answered with {0}", answered);
            try
            {
                using var admin = stage.Admin(random.Next(stage.Gateways.Count));
                using var response = await admin.PostAsJsonAsync($"/api/v1/accounts/{account.Id}/credits", credit);
                answered = response.StatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
            {
                // This replica is gone, or stands still; the next try may be at another.
            }

            await again.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
