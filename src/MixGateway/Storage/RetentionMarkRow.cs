namespace MixGateway.Storage;

/// <summary>How far something has been cleared by its retention. A mark only ever moves forward.</summary>
internal sealed class RetentionMarkRow
{
    /// <summary>The <see cref="Subject"/> of usage records: those before the mark may be gone, and no call from before it is booked any more.</summary>
    public const string Usage = "usage";

    /// <summary>The <see cref="Subject"/> of ledger entries: the charges of calls before the mark are carried forward.</summary>
    public const string Ledger = "ledger";

    public required string Subject { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime Before { get; set; }
}
