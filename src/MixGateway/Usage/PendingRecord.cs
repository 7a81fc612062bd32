namespace MixGateway.Usage;

/// <summary>A record that waits for the books.</summary>
internal sealed class PendingRecord(UsageRecord record)
{
    public UsageRecord Record { get; } = record;

    /// <summary>Why it cannot be booked; known without asking the database, or from what it has.</summary>
    public string? Problem { get; set; } = RecordCheck.Problem(record);

    /// <summary>How often it was offered to the database. After a try that ended without an answer, the record that is found may be the one that this try wrote.</summary>
    public int Tries { get; set; }

    public TaskCompletionSource<Booking> Booking { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
