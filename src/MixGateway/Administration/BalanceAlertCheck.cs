using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Administration.Users;
using MixGateway.Catalog;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Sends mails about low balances. Runs on every replica; <see cref="BalanceAlerts"/> lets one of them send each.</summary>
internal sealed partial class BalanceAlertCheck(
    BalanceAlerts alerts, Mailer mailer, CatalogStore catalog, IOptions<RegistrationOptions> options, TimeProvider time, ILogger<BalanceAlertCheck> logger) : BackgroundService
{
    private const string BillingPage = "/dashboard/billing";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>One round; ends early when the database does not answer.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await alerts.RearmAsync(cancellationToken);
        foreach (var low in await alerts.ClaimAsync(cancellationToken))
        {
            var sent = low.Readers.Count == 0;
            foreach (var reader in low.Readers)
            {
                sent |= await mailer.SendAsync(reader.Email, MailTexts.LowBalance(
                    reader.Language, low.AccountName, $"{low.Balance} {catalog.Current.Currency}", $"{low.Threshold} {catalog.Current.Currency}", new Uri(options.Value.PublicUrl!, BillingPage)));
            }

            if (sent)
            {
                await alerts.MarkAsync(low.AccountId);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!mailer.IsConfigured)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops; another replica, or the next start, goes on.
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.DatabaseAway(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "BalanceAlertsLate", Level = LogLevel.Debug, Message = "Low balances could not be looked for because the database does not answer.")]
        public static partial void DatabaseAway(ILogger logger, Exception exception);
    }
}
