using System.Net;
using System.Net.Sockets;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Startup;

/// <summary>The built program as a process: what it says, and the exit code it ends with. What each wrong setting says is tested without a process, by SettingsStartTests.</summary>
public sealed class CommandLineProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-command-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Process_WithSomethingWrong_EndsWithOneAndWordsWhateverItIs()
    {
        var broken = Directory.CreateDirectory(Path.Combine(_folder.FullName, "broken"));
        await File.WriteAllTextAsync(Path.Combine(broken.FullName, "appsettings.json"), """{ "Providers": { "p": """);
        var twice = Directory.CreateDirectory(Path.Combine(_folder.FullName, "twice"));
        await File.WriteAllTextAsync(Path.Combine(twice.FullName, "appsettings.json"), """{ "Providers": { "p": { "Models": { "gpt": {}, "GPT": {} } } } }""");
        Wrong[] all =
        [
            new("not JSON from line 1", $"--contentRoot={broken.FullName}"),
            new("Providers:p:Models:GPT", $"--contentRoot={twice.FullName}"),
            new("did you mean --migrate", "--migrat"),
            new("Did you mean --Quotas:Lease", "--Quotas:Leese=30s", "--urls=127.0.0.1:80") { AlsoNames = "urls is" },
            new("ConnectionStrings:Postgres is not set", "--migrate") { HasData = false },
            new("neither is Data:Path") { HasData = false },
            new("Did you mean ConnectionStrings:Postgres") { Environment = ("ConnectionStrings__Postgress", "Host=db") },
            new("open files", "--urls=http://127.0.0.1:0") { Prelude = "ulimit -n 256" },
            new("culture data") { Environment = ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1") },
        ];

        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (wrong, _) =>
        {
            await using var gateway = Start(wrong);
            (await gateway.ExitCodeAsync()).Should().Be(1, "{0}: {1}", wrong.Named, gateway.Output);
            gateway.Output.Should().ContainEquivalentOf(wrong.Named).And.Contain(wrong.AlsoNames ?? "MixGateway cannot").And.NotContain("   at ").And.NotContain("Unhandled exception");
        });

        _folder.EnumerateFiles("*.db", SearchOption.AllDirectories).Should().BeEmpty("nothing is touched before everything was checked");
    }

    [Fact]
    public async Task Switch_ThatOnlyTells_TellsAndEndsWithZero()
    {
        foreach (var (arguments, text) in new[] { (new[] { "--help", "--urls=http://127.0.0.1:0" }, "--check"), (["--version"], "MixGateway 0."), })
        {
            await using var gateway = GatewayProcess.StartIn(_folder.FullName, new Dictionary<string, string>(), null, arguments);
            (await gateway.ExitCodeAsync()).Should().Be(0);
            gateway.Output.Should().Contain(text).And.NotContain("Now listening");
        }
    }

    [Fact]
    public async Task Check_SaysWhatItWouldUseAndTouchesNothing()
    {
        await using var upstream = await SimulatorServer.StartAsync();
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var gone = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        string[] settings =
        [
            "--check", $"--Data:Path={_folder.FullName}/data", "--urls=http://127.0.0.1:0", "--Providers:sim:ApiKey=sk-check-0123456789",
            $"--Providers:sim:BaseUrl={upstream.BaseAddress}", "--Providers:sim:Models:*:InputPrice=1", "--Providers:sim:Models:*:OutputPrice=1",
        ];
        await using var fine = GatewayProcess.StartIn(_folder.FullName, new Dictionary<string, string>(), null, settings);
        await using var away = GatewayProcess.StartIn(_folder.FullName, new Dictionary<string, string>(), null, [.. settings, $"--Providers:away:BaseUrl=http://127.0.0.1:{gone}/v1"]);

        (await fine.ExitCodeAsync()).Should().Be(0, fine.Output);
        fine.Output.Should().ContainAll("ok       database: SQLite in", "ok       hot store: in the process", "ok       provider sim", "it answers", "appsettings.json", "Everything can be used.").And.NotContain("sk-check");
        (await away.ExitCodeAsync()).Should().Be(1, away.Output);
        away.Output.Should().ContainAll("FAILED   provider away", "ok       provider sim", "1 part cannot be used.");
        Directory.Exists(Path.Combine(_folder.FullName, "data")).Should().BeFalse();
    }

    [Fact]
    public async Task Process_StartedFromAnotherFolder_SaysItsVersionFirstAndReadsTheFilesBesideItself()
    {
        await using var gateway = GatewayProcess.StartIn(_folder.FullName, new Dictionary<string, string> { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" }, "ulimit -n 1024", $"--Data:Path={_folder.FullName}/data");
        await gateway.AddressAsync();

        var lines = gateway.Output.Split('\n');
        lines[0].Should().ContainAll("\"EventId\":{\"Id\":1,\"Name\":\"Starting\"}", "0.1.0");
        lines[1].Should().Contain(Path.Combine(GatewayProcess.Folder, "appsettings.json"));
        gateway.Output.Should().ContainAll("may open only 1024 files", "LimitNOFILE=65536");

        await gateway.TerminateAsync();
        (await gateway.ExitCodeAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Sigterm_DuringTheStart_EndsWithOneAndALine()
    {
        // It takes the connection and never answers, so the start waits.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var database = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=x;Database=x;Timeout=60";
        await using var gateway = GatewayProcess.StartIn(_folder.FullName, new Dictionary<string, string> { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" }, null, $"--ConnectionStrings:Postgres={database}");
        using var connection = await silent.AcceptTcpClientAsync();

        await gateway.TerminateAsync();

        (await gateway.ExitCodeAsync()).Should().Be(1, gateway.Output);
        gateway.Output.Should().Contain("told to stop before it had started").And.NotContain("   at ");
    }

    private GatewayProcess Start(Wrong wrong)
    {
        Dictionary<string, string> environment = new() { ["ASPNETCORE_ENVIRONMENT"] = "Production" };
        if (wrong.Environment is { } variable)
        {
            environment[variable.Name] = variable.Value;
        }

        return GatewayProcess.StartIn(_folder.FullName, environment, wrong.Prelude, [.. wrong.HasData ? [$"--Data:Path={_folder.FullName}/data"] : Array.Empty<string>(), .. wrong.Arguments]);
    }

    private sealed record Wrong(string Named, params string[] Arguments)
    {
        public string? AlsoNames { get; init; }

        public bool HasData { get; init; } = true;

        public string? Prelude { get; init; }

        public (string Name, string Value)? Environment { get; init; }
    }
}
