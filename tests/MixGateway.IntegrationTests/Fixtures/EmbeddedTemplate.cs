using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// An embedded database with all migrations applied, made once in a test run. Gateways under test begin with a copy, as those on
/// PostgreSQL do with a template there; the migration itself has tests of its own.
/// </summary>
internal static class EmbeddedTemplate
{
    private const string File = "mixgateway.db";

    private static readonly Lazy<Task<byte[]>> Prepared = new(PrepareAsync);

    public static async Task CopyToAsync(string folder) => await System.IO.File.WriteAllBytesAsync(Path.Combine(folder, File), await Prepared.Value);

    private static async Task<byte[]> PrepareAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mixgateway-template-");
        try
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Configuration["Data:Path"] = folder.FullName;
            builder.Services.AddLogging();
            builder.AddStorage();
            using (var host = builder.Build())
            {
                await host.MigrateStorageAsync(CancellationToken.None);
            }

            return await System.IO.File.ReadAllBytesAsync(Path.Combine(folder.FullName, File));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
