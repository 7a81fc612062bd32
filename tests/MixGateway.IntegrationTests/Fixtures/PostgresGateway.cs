namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// A shared gateway on PostgreSQL and Redis. Its database sessions are in a time zone that is no whole number of hours from UTC, so that
/// a query which leaves a time's zone to the session is found out.
/// </summary>
public sealed class PostgresGateway : SharedGateway
{
    private StoreSet? _stores;

    public override async Task InitializeAsync()
    {
        _stores = await StoreSet.StartAsync(GatewayStores.Servers);
        Gateway = await TestGateway.StartAsync(
            [.. _stores.Settings.Select(static setting => setting.StartsWith("ConnectionStrings:Postgres=", StringComparison.Ordinal) ? setting + ";Timezone=Asia/Kathmandu" : setting)]);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _stores!.DisposeAsync();
    }
}
