namespace MixGateway.Benchmarks.Load;

/// <summary>
/// Drives the upstream alone, a bare YARP and the gateway with the same loads in turn: on a shared machine only figures of the same
/// minutes can be compared.
/// </summary>
internal static class GatewayLoad
{
    private const string AdminToken = "load-admin-token-0123456789";

    /// <param name="settings">Added to the gateway's: <c>--ConnectionStrings:Postgres=…</c>, <c>--Data:Path=…</c>.</param>
    /// <param name="against">A setting, <c>Console:Enabled=false</c>, of a second gateway that the first is compared with; null for none.</param>
    public static async Task RunAsync(LoadPlan plan, string[] settings, string? against)
    {
        var data = Directory.CreateTempSubdirectory("mixgateway-load-");
        List<RoleProcess> gateways = [];
        try
        {
            using var upstream = await RoleProcess.StartAsync(Role.Upstream);
            using var yarp = await RoleProcess.StartAsync(Role.Yarp, upstream.Address.AbsoluteUri);
            List<Target> targets = [new("upstream alone", upstream, "", "none"), new("bare YARP", yarp, "", "none")];
            if (against is not null)
            {
                // One folder has one gateway, also where the settings name it.
                var other = Path.Combine(data.FullName, "against");
                targets.Add(await StartGatewayAsync($"gateway, {against}", [.. GatewaySettings(upstream, other), .. settings, $"--{against}", $"--Data:Path={other}"], gateways));
            }

            targets.Add(await StartGatewayAsync("gateway", [.. GatewaySettings(upstream, Path.Combine(data.FullName, "gateway")), .. settings], gateways));
            await RunAsync(plan, [.. targets]);
        }
        finally
        {
            gateways.ForEach(static gateway => gateway.Dispose());
            data.Delete(recursive: true);
        }
    }

    private static async Task<Target> StartGatewayAsync(string name, string[] settings, List<RoleProcess> gateways)
    {
        var gateway = await RoleProcess.StartAsync(Role.Gateway, settings);
        gateways.Add(gateway);
        return new Target(name, gateway, "sim:", await GatewayAccount.CreateAsync(gateway.Address, AdminToken));
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
        "--Security:MasterKey=load-master-key-0123456789-0123456789",
        "--Serilog:MinimumLevel:Default=Fatal",
        $"--Providers:sim:BaseUrl={new Uri(upstream.Address, "/v1")}",
        "--Providers:sim:ApiKey=upstream-secret-0123456789",
        "--Providers:sim:Models:*:InputPrice=1",
        "--Providers:sim:Models:*:CachedInputPrice=0.1",
        "--Providers:sim:Models:*:OutputPrice=2",
    ];
}
