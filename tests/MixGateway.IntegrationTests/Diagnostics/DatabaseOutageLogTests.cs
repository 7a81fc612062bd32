using System.Net;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.IntegrationTests.Startup;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>While the database is down the log says so, and does not fill with stacks of everybody who asks.</summary>
public sealed class DatabaseOutageLogTests
{
    [Fact]
    public async Task Outage_OfTheDatabase_IsLoggedByWhoeverAskedAndByNobodyElse()
    {
        using var folder = new StartupFolder();
        await using var server = await PostgresServer.StartNewAsync();
        await server.CreateDatabaseAsync("gateway");
        await using var gateway = folder.Start(
            "Production", $"--ConnectionStrings:Postgres={server.ConnectionString("gateway")};Timeout=2;Command Timeout=2", $"--Bootstrap:AdminToken={StartupFolder.AdminToken}");
        using var admin = GatewayProcess.Client(await gateway.AddressAsync(), StartupFolder.AdminToken);
        (await admin.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative))).EnsureSuccessStatusCode();

        await server.StopAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await admin.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative));
                return answer.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            "the management API misses its database");
        using var call = GatewayProcess.Client(await gateway.AddressAsync(), "sk-" + new string('a', 48));
        await call.GetAsync(new Uri("/v1/models", UriKind.Relative));
        await admin.GetAsync(new Uri("/health/ready", UriKind.Relative));
        await gateway.AwaitOutputAsync("AdminDatabaseAway");

        gateway.Output.Should().NotContainAny("ConnectionError", "QueryIterationFailed", "ExceptionHandlerMiddleware", "HealthCheckEnd");
    }
}
