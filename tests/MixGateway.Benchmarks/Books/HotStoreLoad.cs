using System.Diagnostics;
using System.Globalization;

namespace MixGateway.Benchmarks.Books;

/// <summary>Admission plus settlement by so many callers at once, as a Markdown table; see docs/performance.md.</summary>
internal static class HotStoreLoad
{
    private const int Rounds = 3;
    private const string RedisSetting = "--ConnectionStrings:Redis=";

    private static readonly int[] Callers = [1, 32];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    /// <param name="settings">A Redis is measured if one is named, the embedded store always.</param>
    public static async Task RunAsync(string[] settings)
    {
        await System.Console.Out.WriteLineAsync("| hot store | callers | pairs/s | round trips/pair | CPU µs/pair, this process | CPU µs/pair, Redis | allocated bytes/pair | p50, ms | p99, ms |");
        await System.Console.Out.WriteLineAsync("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        var redis = Array.Find(settings, static setting => setting.StartsWith(RedisSetting, StringComparison.Ordinal));
        if (redis is not null)
        {
            await MeasureAsync(redis[RedisSetting.Length..]);
        }

        await MeasureAsync(redis: null);
    }

    private static async Task MeasureAsync(string? redis)
    {
        await using var store = await HotStorePair.StartAsync(redis);
        foreach (var callers in Callers)
        {
            var accounts = new List<(Guid Account, Guid Key)>();
            for (var i = 0; i < callers; i++)
            {
                accounts.Add(await store.CreateAccountAsync());
            }

            await RunAsync(store, accounts, WarmUp);
            var before = await CountAsync(store);
            List<long> times = [];
            for (var round = 0; round < Rounds; round++)
            {
                times.AddRange(await RunAsync(store, accounts, Round));
            }

            await WriteAsync(store, callers, times, before, await CountAsync(store));
        }
    }

    private static async Task<List<long>> RunAsync(HotStorePair store, List<(Guid Account, Guid Key)> accounts, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var workers = await Task.WhenAll(accounts.Select(account => Task.Run(async () =>
        {
            var times = new List<long>(16_384);
            while (clock.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                await store.RunAsync(account.Account, account.Key);
                times.Add(Stopwatch.GetTimestamp() - start);
            }

            return times;
        })));
        return [.. workers.SelectMany(static times => times)];
    }

    private static async Task<Counts> CountAsync(HotStorePair store) => new(
        store.RoundTrips, Environment.CpuUsage.TotalTime, await store.ReadServerCpuAsync(), GC.GetTotalAllocatedBytes(precise: true));

    private static async Task WriteAsync(HotStorePair store, int callers, List<long> times, Counts before, Counts after)
    {
        times.Sort();
        var pairs = (double)times.Count;
        // Looking at the counters takes a request or two of its own, of which hundreds of thousands of pairs do not show anything.
        await System.Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"| {store.Name} | {callers} | {pairs / (Rounds * Round.TotalSeconds):N0} | {(after.RoundTrips - before.RoundTrips) / pairs:F2} "
            + $"| {(after.Cpu - before.Cpu).TotalMicroseconds / pairs:N0} | {(after.ServerCpu - before.ServerCpu).TotalMicroseconds / pairs:N0} "
            + $"| {(after.Allocated - before.Allocated) / pairs:N0} | {Milliseconds(times, 0.5):F2} | {Milliseconds(times, 0.99):F2} |"));
    }

    private static double Milliseconds(List<long> sorted, double share) => Stopwatch.GetElapsedTime(0, sorted[(int)(share * (sorted.Count - 1))]).TotalMilliseconds;

    private readonly record struct Counts(long RoundTrips, TimeSpan Cpu, TimeSpan ServerCpu, long Allocated);
}
