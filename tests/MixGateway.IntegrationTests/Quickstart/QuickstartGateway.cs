using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Quickstart;

/// <summary>A gateway that serves what the public quick start asks for, and the programs its examples are run with.</summary>
public sealed class QuickstartGateway : IAsyncLifetime
{
    private TestGateway? _gateway;
    private TestAccount? _account;
    private SimulatorServer? _upstream;

    internal TestGateway Gateway => _gateway!;

    internal TestAccount Account => _account!;

    internal string Node { get; private set; } = "";

    internal string Python { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await DebianPackages.EnsureAsync("curl", ["curl"], "--version");
        Node = await DebianPackages.EnsureAsync("nodejs", ["node"], "-e", "if (typeof fetch !== 'function') process.exit(1)");
        Python = await DebianPackages.EnsureAsync("python3-requests", ["python3", "/usr/bin/python3"], "-c", "import requests");

        _upstream = await SimulatorServer.StartAsync();
        _gateway = await TestGateway.StartAsync(
            $"Providers:deepseek:BaseUrl={_upstream.BaseAddress}",
            "Providers:deepseek:Models:deepseek-chat:InputPrice=0.28",
            "Providers:deepseek:Models:deepseek-chat:OutputPrice=0.42");
        _account = await _gateway.CreateAccountAsync();
    }

    public async Task DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _upstream!.DisposeAsync();
    }
}
