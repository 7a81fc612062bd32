namespace MixGateway.Storage;

/// <summary>Migrates before any other service of the host starts, in whatever order they were added.</summary>
internal sealed partial class DatabaseStartup(DatabaseMigrator migrator, ILogger<DatabaseStartup> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await migrator.MigrateAsync(cancellationToken);
        if (migrator.Newer.Count > 0)
        {
            // While replicas are upgraded in turn, and after a roll-back: migrations only add, so this version works on.
            Log.NewerDatabase(logger, migrator.Newer.Count, migrator.Newer.Max(StringComparer.Ordinal)!);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database has {Count} migrations of a newer version, up to {Newest}", EventName = "NewerDatabase")]
        public static partial void NewerDatabase(ILogger logger, int count, string newest);
    }
}
