namespace MixGateway.Usage;

/// <summary>A record that waits for the books.</summary>
internal sealed class PendingRecord(UsageRecord record)
{
    public UsageRecord Record { get; } = record;

    /// <summary>Why it cannot be booked; known without asking the database, or from what it has.</summary>
    public string? Problem { get; set; } = RecordCheck.Problem(record);

    public TaskCompletionSource<Booking> Booking { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
