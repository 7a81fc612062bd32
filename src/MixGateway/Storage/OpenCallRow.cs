namespace MixGateway.Storage;

/// <summary>A call that runs on a gateway whose hot store dies with it: what is booked if that happens.</summary>
internal sealed class OpenCallRow
{
    public required Guid RequestId { get; init; }

    /// <summary>Nano-units: the most that is charged.</summary>
    public required long Hold { get; init; }

    /// <summary>The record as of the call's last heartbeat, in the form in which gateways write records for each other.</summary>
    public required byte[] Record { get; init; }
}
