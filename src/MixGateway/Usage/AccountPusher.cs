using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Tells the hot store of changes that it was not told of when they were made: it was down, or the replica that made them died. Runs
/// on every replica; two that push the same change do no harm.
/// </summary>
internal sealed partial class AccountPusher(
    PushMarks marks, AccountInstaller installer, HotStoreStatus status, TimeProvider time, ILogger<AccountPusher> logger) : BackgroundService
{
    private const int Batch = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PushAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops; other replicas, or the next start, go on.
        }
    }

    /// <summary>One round over all accounts with changes to push; ends early when a store does not answer.</summary>
    private async Task PushAsync(CancellationToken cancellationToken)
    {
        try
        {
            var after = Guid.Empty;
            for (var more = status.Answers; more;)
            {
                var accounts = await marks.FindAsync(after, Batch, cancellationToken);
                foreach (var account in accounts)
                {
                    if (!status.Answers)
                    {
                        return;
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    if (await installer.InstallAsync(account, []))
                    {
                        Log.Pushed(logger, account);
                    }

                    after = account;
                }

                more = accounts.Count == Batch;
            }
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.DatabaseDown(logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A change of account {AccountId} that the hot store had missed was pushed to it", EventName = nameof(Pushed))]
        public static partial void Pushed(ILogger logger, Guid accountId);

        [LoggerMessage(2, LogLevel.Debug, "Changes to push could not be looked for because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception);
    }
}
