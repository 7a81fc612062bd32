using MixGateway.Simulator;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>A gateway that the tests of one class share; every test makes accounts of its own.</summary>
public class SharedGateway : IAsyncLifetime
{
    private readonly Func<SimulatorServer, string[]> _settings;

    public SharedGateway()
        : this(_ => [])
    {
    }

    protected SharedGateway(Func<SimulatorServer, string[]> settings) => _settings = settings;

    internal TestGateway Gateway { get; private protected set; } = null!;

    public virtual async Task InitializeAsync() => Gateway = await TestGateway.StartWithAsync(_settings);

    public virtual async Task DisposeAsync() => await Gateway.DisposeAsync();

    /// <summary>The settings of one more provider, at the simulator and with the prices of <c>sim</c>.</summary>
    protected static string[] Provider(string name, Uri address, params string[] settings) =>
    [
        $"Providers:{name}:BaseUrl={address}",
        $"Providers:{name}:Models:*:InputPrice=1",
        $"Providers:{name}:Models:*:CachedInputPrice=0.1",
        $"Providers:{name}:Models:*:OutputPrice=2",
        .. settings.Select(setting => $"Providers:{name}:{setting}"),
    ];
}
