using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Hosting;

/// <summary>Which stores the settings choose, and whether somebody has chosen them: outside Development nothing is kept in files by accident.</summary>
internal static class StoreChoice
{
    /// <summary>Said where neither store nor folder is set.</summary>
    public static readonly string Unchosen =
        $"{StorageExtensions.PostgresKey} is not set, and neither is {DataFolder.Key}. Set {StorageExtensions.PostgresKey} to use PostgreSQL, or {DataFolder.Key} to keep the database in files of this machine.";

    public static IEnumerable<string> Mistakes(IConfiguration configuration, IHostEnvironment environment) =>
        environment.IsDevelopment() || IsChosen(configuration) ? [] : [Unchosen];

    public static bool IsChosen(IConfiguration configuration) => StorageExtensions.UsesPostgres(configuration) || !string.IsNullOrWhiteSpace(configuration[DataFolder.Key]);

    /// <summary>True where replicas may share the database, but not the holds.</summary>
    public static bool IsForOneReplica(IConfiguration configuration) => StorageExtensions.UsesPostgres(configuration) && HotStoreConnection.IsEmbedded(configuration);
}
