using MixGateway.Billing;

namespace MixGateway.Usage;

/// <summary>
/// Books the calls that were open when a gateway with an embedded hot store died: as abandoned, with what their last heartbeat had
/// counted. Runs before calls are taken, so that what they cost is not spent again.
/// </summary>
internal sealed partial class OpenCallRecovery(OpenCallStore store, IBooks books, AccountInstaller installer, ILogger<OpenCallRecovery> logger) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var rows = await store.ReadAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return;
        }

        List<UsageRecord> records = [];
        foreach (var row in rows)
        {
            if (RecordPayload.TryRead(row.Record, out var record))
            {
                records.Add(record! with { Status = CallStatus.Abandoned, ChargeLimit = new Money(row.Hold) });
            }
            else
            {
                Log.Unreadable(logger, row.RequestId);
            }
        }

        var bookings = await Task.WhenAll(records.Select(books.PostAsync)).WaitAsync(cancellationToken);
        await store.WriteAsync(new OpenCallChanges([], [.. records.Select(static record => record.RequestId)]), cancellationToken);
        foreach (var accountId in records.Select(static record => record.AccountId).Distinct())
        {
            // A change that was not yet pushed may have brought the account into the hot store before this.
            await installer.InstallAsync(accountId, []);
        }

        Log.Recovered(logger, bookings.Count(static booking => booking.Result == BookingResult.Booked), rows.Count);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Abandoned} of {Open} calls that were open when the last gateway died were booked as abandoned; the others had their records", EventName = "OpenCallsRecovered")]
        public static partial void Recovered(ILogger logger, int abandoned, int open);

        [LoggerMessage(2, LogLevel.Error, "The open call {RequestId} cannot be read by this version; a newer one has to book it", EventName = "OpenCallUnreadable")]
        public static partial void Unreadable(ILogger logger, Guid requestId);
    }
}
