using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Administration.Users;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>Sends mails about low balances. Runs on every replica; <see cref="BalanceAlerts"/> lets one of them send each.</summary>
internal sealed partial class BalanceAlertCheck(
    BalanceAlerts alerts, Mailer mailer, CatalogStore catalog, IOptions<RegistrationOptions> options, TimeProvider time, ILogger<BalanceAlertCheck> logger)
    : PeriodicService(time, logger)
{
    private const string BillingPage = "/dashboard/billing";

    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override bool IsNeeded => mailer.IsConfigured;

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
    protected override async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await CheckAsync(stopping);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.DatabaseAway(_logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "BalanceAlertsLate", Level = LogLevel.Debug, Message = "Low balances could not be looked for because the database does not answer.")]
        public static partial void DatabaseAway(ILogger logger, Exception exception);
    }
}
