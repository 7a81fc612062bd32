using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MixGateway.Storage;

namespace MixGateway.Tests.Storage;

/// <summary>The gateway's storage on a file in a folder of its own, and nothing else of the gateway.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly IHost _host;

    public SqliteFile(string? folder = null)
    {
        Folder = folder ?? Path.Combine(Path.GetTempPath(), $"mixgateway-tests-{Guid.NewGuid():N}");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Data:Path"] = Folder;
        builder.Services.AddLogging();
        builder.AddStorage();
        _host = builder.Build();
    }

    public string Folder { get; }

    public SqliteDatabase Database => _host.Services.GetRequiredService<SqliteDatabase>();

    public GatewayDbContext NewContext() => _host.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContext();

    public Task MigrateAsync() => _host.MigrateStorageAsync(CancellationToken.None);

    /// <summary>Lets go of the folder and leaves it there.</summary>
    public void Close() => _host.Dispose();

    public void Dispose()
    {
        Close();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
