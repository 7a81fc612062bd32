namespace MixGateway.Storage;

/// <summary>A record that the database refused by itself, put aside for a person to look at.</summary>
internal sealed class RejectedEventRow
{
    /// <summary>The request id, so that a record is put aside once however often it is offered.</summary>
    public required Guid Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime ReceivedAt { get; init; }

    /// <summary>The whole record as JSON.</summary>
    public required string Payload { get; init; }
    public required string Reason { get; init; }
}
