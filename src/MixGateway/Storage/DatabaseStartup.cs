namespace MixGateway.Storage;

/// <summary>Migrates before any other service of the host starts, in whatever order they were added.</summary>
internal sealed partial class DatabaseStartup(DatabaseMigrator migrator, DatabaseIdentity identity, TimeProvider time, ILogger<DatabaseStartup> logger) : IHostedLifecycleService
{
    private const int RoundsPerLine = 30;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await MigrateAsync(cancellationToken);
        await identity.ReadAsync(cancellationToken);
        if (migrator.Newer.Count > 0)
        {
            // While replicas are upgraded in turn, and after a roll-back: migrations only add, so this version works on.
            Log.NewerDatabase(logger, migrator.Newer.Count, migrator.Newer.Max(StringComparer.Ordinal)!);
        }
    }

    /// <summary>A database that is only away is waited for: machines start in any order.</summary>
    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                await migrator.MigrateAsync(cancellationToken);
                return;
            }
            catch (DatabaseRefusedException exception) when (exception.MayPass)
            {
                if (round % RoundsPerLine == 0)
                {
                    Log.Waits(logger, exception.Message);
                }
            }

            await Task.Delay(Round, time, cancellationToken);
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

        [LoggerMessage(2, LogLevel.Warning, "{Reason}. The gateway waits for the database and takes no calls until it answers", EventName = "DatabaseAwaited")]
        public static partial void Waits(ILogger logger, string reason);
    }
}
