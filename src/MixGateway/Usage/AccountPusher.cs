using MixGateway.Diagnostics;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Tells the hot store of changes that it was not told of when they were made: it was down, or the replica that made them died. Runs
/// on every replica; two that push the same change do no harm.
/// </summary>
internal sealed partial class AccountPusher(
    PushMarks marks, AccountInstaller installer, HotStoreStatus status, TimeProvider time, ILogger<AccountPusher> logger) : PeriodicService(time, logger)
{
    private const int Batch = 100;

    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>One round over all accounts with changes to push; ends early when a store does not answer.</summary>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            var after = Guid.Empty;
            for (var more = status.Answers; more;)
            {
                var accounts = await marks.FindAsync(after, Batch, stopping);
                foreach (var account in accounts)
                {
                    if (!status.Answers)
                    {
                        return;
                    }

                    stopping.ThrowIfCancellationRequested();
                    await PushAsync(account);
                    after = account;
                }

                more = accounts.Count == Batch;
            }
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.DatabaseDown(_logger, e);
        }
    }

    /// <summary>A mistake in one account does not keep those behind it from being pushed.</summary>
    private async Task PushAsync(Guid account)
    {
        try
        {
            if (await installer.InstallAsync(account, []))
            {
                Log.Pushed(_logger, account);
            }
        }
        catch (Exception e) when (!DatabaseFault.IsAway(e))
        {
            Log.NotPushed(_logger, e, account);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A change of account {AccountId} that the hot store had missed was pushed to it", EventName = nameof(Pushed))]
        public static partial void Pushed(ILogger logger, Guid accountId);

        [LoggerMessage(2, LogLevel.Debug, "Changes to push could not be looked for because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "A change of account {AccountId} cannot be pushed to the hot store; it is tried again every second", EventName = nameof(NotPushed))]
        public static partial void NotPushed(ILogger logger, Exception exception, Guid accountId);
    }
}
