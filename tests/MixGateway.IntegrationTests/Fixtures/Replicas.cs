using Microsoft.Extensions.DependencyInjection;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Gateways in this process on the same stores: three on PostgreSQL and Redis, one where the stores are its own.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private const int Shared = 3;

    private readonly StoreSet _stores;

    private Replicas(StoreSet stores, IReadOnlyList<TestGateway> gateways)
    {
        _stores = stores;
        Gateways = gateways;
    }

    public IReadOnlyList<TestGateway> Gateways { get; }

    public TestGateway First => Gateways[0];

    /// <summary>What another gateway needs to be one more replica.</summary>
    public string[] Settings => _stores.Settings;

    public static async Task<Replicas> StartAsync(GatewayStores stores, params string[] settings)
    {
        var set = await StoreSet.StartAsync(stores);
        List<TestGateway> gateways = [];
        for (var i = 0; i < (stores is GatewayStores.Servers ? Shared : 1); i++)
        {
            gateways.Add(await TestGateway.StartAsync([.. set.Settings, .. settings]));
        }

        return new Replicas(set, gateways);
    }

    /// <summary>The account as it is called at each replica, by turns.</summary>
    public TestAccount Of(TestAccount account, int turn) => account with { Gateway = Gateways[turn % Gateways.Count] };

    /// <summary>Lets time pass for the hot store, as every replica asks it.</summary>
    public void Pass(TimeSpan time)
    {
        foreach (var gateway in Gateways)
        {
            gateway.Services.GetRequiredService<ScriptRunner>().ClockShift += time;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        await _stores.DisposeAsync();
    }
}
