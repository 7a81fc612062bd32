using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A gateway with an administrator and without a limit of attempts, for people with browsers.</summary>
public sealed class ConsoleGateway() : SharedGateway(static _ => Settings)
{
    public const string Administrator = "admin@example.com";

    public static readonly string[] Settings =
    [
        $"Bootstrap:AdminEmail={Administrator}",
        $"Bootstrap:AdminPassword={PageVisitor.Password}",
        "Console:SignInsPerMinute=100000",
    ];

    /// <summary>The gateway by a name: passkeys are made for domains, and an address is none.</summary>
    public Uri Localhost => LocalhostOf(Gateway);

    internal static Uri LocalhostOf(TestGateway gateway) => new UriBuilder(gateway.Address) { Host = "localhost" }.Uri;

    internal PageVisitor Visit(string language = "en-US") => new(Localhost, language);

    internal Task<GatewayDbContext> OpenAsync() => OpenAsync(Gateway);

    /// <summary>The database of a gateway, for what no page shows.</summary>
    internal static Task<GatewayDbContext> OpenAsync(TestGateway gateway) => gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
}
