using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MixGateway.Administration;
using MixGateway.Catalog;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>The management API with the storage and the books below it, on Kestrel, without the rest of the gateway.</summary>
public abstract class ManagementHost : IAsyncLifetime
{
    public const string AdminToken = "administrator-token-of-the-tests";

    private readonly ConcurrentQueue<string> _logs = new();
    private WebApplication? _app;

    /// <summary>With the administrator's token.</summary>
    public ManagementClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>All that was logged so far, exceptions too.</summary>
    public IReadOnlyCollection<string> Logs => _logs;

    internal RecordingObserver Observer { get; } = new();

    internal IBooks Books => _app!.Services.GetRequiredService<IBooks>();

    internal GatewayDbContext OpenDatabase() => _app!.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContext();

    protected virtual string? Token => AdminToken;

    public virtual async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Logging.AddProvider(new RecordedLogs(_logs)).SetMinimumLevel(LogLevel.Trace);
        builder.Configuration["Bootstrap:AdminToken"] = Token;
        await ConfigureAsync(builder);
        builder.Services.AddQuotas();
        builder.AddStorage();
        builder.AddUsage();
        builder.AddCatalog();
        builder.Services.AddSingleton<IProviderHealth>(new UnknownHealth());
        builder.AddAdministration();
        builder.Services.AddSingleton<IAccountObserver>(Observer);
        builder.Services.AddSingleton<IKeyObserver>(Observer);
        _app = builder.Build();
        _app.MapAdministration();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
        Client = new ManagementClient(Address, Token);
    }

    public virtual async Task DisposeAsync()
    {
        Client.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    private protected abstract Task ConfigureAsync(WebApplicationBuilder builder);

    /// <summary>Nothing is forwarded here.</summary>
    private sealed class UnknownHealth : IProviderHealth
    {
        public IReadOnlyList<DestinationStatus> Of(Provider provider) => [];
    }
}

public class SqliteManagementHost : ManagementHost
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mixgateway-administration-{Guid.NewGuid():N}");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private protected override Task ConfigureAsync(WebApplicationBuilder builder)
    {
        builder.Configuration["Data:Path"] = _folder;
        return Task.CompletedTask;
    }
}

public sealed class PostgresManagementHost : ManagementHost
{
    /// <summary>An empty database of the shared server: the host migrates it at start.</summary>
    internal static async Task<string> NewDatabaseAsync()
    {
        var server = await PostgresServer.SharedAsync();
        var name = $"administration_{Guid.NewGuid():N}";
        await server.CreateDatabaseAsync(name);
        return server.ConnectionString(name);
    }

    private protected override async Task ConfigureAsync(WebApplicationBuilder builder) =>
        builder.Configuration["ConnectionStrings:Postgres"] = await NewDatabaseAsync();
}

/// <summary>Nobody set <c>Bootstrap:AdminToken</c>.</summary>
public sealed class TokenlessManagementHost : SqliteManagementHost
{
    protected override string? Token => null;
}
