namespace MixGateway.Benchmarks.Load;

/// <summary>
/// Drives the upstream alone, a bare YARP and the gateway with the same loads in turn: on a shared machine only figures of the same
/// minutes can be compared.
/// </summary>
internal static class GatewayLoad
{
    private const string AdminToken = "load-admin-token-0123456789";

    /// <param name="settings">Added to the gateway's: <c>--ConnectionStrings:Postgres=…</c>, <c>--Data:Path=…</c>.</param>
    public static async Task RunAsync(LoadPlan plan, string[] settings)
    {
        var data = Directory.CreateTempSubdirectory("mixgateway-load-");
        try
        {
            using var upstream = await RoleProcess.StartAsync(Role.Upstream);
            using var yarp = await RoleProcess.StartAsync(Role.Yarp, upstream.Address.AbsoluteUri);
            using var gateway = await RoleProcess.StartAsync(Role.Gateway, [.. GatewaySettings(upstream, data.FullName), .. settings]);
            var key = await GatewayAccount.CreateAsync(gateway.Address, AdminToken);
            Target[] targets =
            [
                new("upstream alone", upstream, "", "none"),
                new("bare YARP", yarp, "", "none"),
                new("gateway", gateway, "sim:", key),
            ];
            await RunAsync(plan, targets);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(LoadPlan plan, Target[] targets)
    {
        var report = new LoadReport(targets);
        foreach (var kind in LoadKind.All)
        {
            await System.Console.Error.WriteLineAsync(kind.Name);
            report.Add(kind, await MeasureAsync(plan, kind, targets));
        }

        await report.WriteAsync(System.Console.Out);
    }

    private static async Task<Measurement[]> MeasureAsync(LoadPlan plan, LoadKind kind, Target[] targets)
    {
        var generators = Array.ConvertAll(targets, target => new LoadGenerator(target, kind));
        var measurements = Array.ConvertAll(targets, static _ => new Measurement());
        foreach (var generator in generators)
        {
            await generator.RunAsync(plan.WarmUp, plan.Streams);
        }

        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var i = 0; i < targets.Length; i++)
            {
                var before = await targets[i].Process.ReadCountersAsync();
                var (workers, elapsed) = await generators[i].RunAsync(plan.Round, plan.Streams);
                measurements[i].Add(workers, elapsed, before, await targets[i].Process.ReadCountersAsync());
            }
        }

        Array.ForEach(generators, static generator => generator.Dispose());
        return measurements;
    }

    private static string[] GatewaySettings(RoleProcess upstream, string dataPath) =>
    [
        "--environment=Production",
        "--urls=http://127.0.0.1:0",
        $"--Data:Path={dataPath}",
        $"--Bootstrap:AdminToken={AdminToken}",
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Providers:sim:BaseUrl={new Uri(upstream.Address, "/v1")}",
        "--Providers:sim:ApiKey=upstream-secret-0123456789",
        "--Providers:sim:Models:*:InputPrice=1",
        "--Providers:sim:Models:*:CachedInputPrice=0.1",
        "--Providers:sim:Models:*:OutputPrice=2",
    ];
}
