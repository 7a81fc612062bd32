using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

/// <summary>
/// The time before which usage records may be gone. A call from before it is not booked any more: its record and its ledger entry,
/// which would show that it was booked already, may be gone with the rest of their month.
/// </summary>
internal sealed class UsageHorizon
{
    private long _before = DateTime.MinValue.Ticks;

    /// <summary>UTC; <see cref="DateTime.MinValue"/> where nothing was cleared.</summary>
    public DateTime Before => new(Interlocked.Read(ref _before), DateTimeKind.Utc);

    /// <summary>Moves forward, never back.</summary>
    public void Advance(DateTime before)
    {
        for (var seen = Interlocked.Read(ref _before); seen < before.Ticks;)
        {
            var found = Interlocked.CompareExchange(ref _before, before.Ticks, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>Takes over what the database says, by this or another replica.</summary>
    public async Task LoadAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        if (await database.ReadMarkAsync(RetentionMarkRow.Usage, cancellationToken) is { } before)
        {
            Advance(before);
        }
    }
}
