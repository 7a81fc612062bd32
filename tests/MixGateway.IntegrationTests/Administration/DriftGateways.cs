using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>A gateway on embedded stores and one on servers, whose accounts all add up between two tests.</summary>
public sealed class DriftGateways : IAsyncLifetime
{
    private StoreSet? _servers;
    private TestGateway? _embedded;
    private TestGateway? _onServers;

    public async Task InitializeAsync()
    {
        _servers = await StoreSet.StartAsync(GatewayStores.Servers);
        _onServers = await TestGateway.StartAsync(_servers.Settings);
        _embedded = await TestGateway.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _embedded!.DisposeAsync();
        await _onServers!.DisposeAsync();
        await _servers!.DisposeAsync();
    }

    internal TestGateway On(GatewayStores stores) => stores is GatewayStores.Embedded ? _embedded! : _onServers!;
}
