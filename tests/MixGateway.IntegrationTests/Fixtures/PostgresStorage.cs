using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MixGateway.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;
using Npgsql;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>The gateway's storage on a PostgreSQL database, and nothing else of the gateway.</summary>
internal sealed class PostgresStorage : IAsyncDisposable
{
    private readonly IHost _host;

    public PostgresStorage(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:Postgres"] = connectionString;
        builder.Services.AddLogging();
        builder.AddStorage();
        _host = builder.Build();
        Bench = new BooksBench(() => new PostgresBookStore(DataSource), NewContext);
    }

    public BooksBench Bench { get; }

    public NpgsqlDataSource DataSource => _host.Services.GetRequiredService<NpgsqlDataSource>();

    public GatewayDbContext NewContext() => _host.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContext();

    public Task MigrateAsync() => _host.MigrateStorageAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
}
