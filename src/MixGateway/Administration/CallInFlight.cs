using MixGateway.Billing;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Administration;

/// <summary>Where a call in flight stands.</summary>
internal enum CallState
{
    Running,

    /// <summary>Somebody asked for its end, and its gateway has not heard of it yet.</summary>
    Stopping,

    /// <summary>It has ended, and its record is on the way into the database.</summary>
    Settled,

    /// <summary>Its gateway fell silent; what is known of it is on the way into the database.</summary>
    Abandoned,
}

/// <summary>A call that the hot store has: it runs on some replica, or waits for the database.</summary>
/// <param name="Provider">This, the model and the stream are null where a newer replica wrote what this one cannot read.</param>
/// <param name="Hold">What it holds, or held until it was settled.</param>
/// <param name="Cost">Settled: what it is charged. Otherwise what its gateway had counted at its last heartbeat.</param>
internal sealed record CallInFlight(
    Guid RequestId,
    Guid AccountId,
    Guid KeyId,
    string? Provider,
    string? Model,
    bool? Stream,
    CallState State,
    DateTime StartedAt,
    Money Hold,
    Money Cost)
{
    public static CallInFlight Of(StoredCall call)
    {
        _ = RecordPayload.TryRead(call.Record.Span, out var record);
        return new CallInFlight(
            call.RequestId, call.AccountId, call.KeyId, record?.Provider, record?.Model, record?.Stream, StateOf(call),
            UsageRecord.StartOf(call.RequestId), call.Hold, call.Cost);
    }

    private static CallState StateOf(StoredCall call) => call.State switch
    {
        StoredCallState.Settled => CallState.Settled,
        StoredCallState.Abandoned => CallState.Abandoned,
        _ => call.IsStopping ? CallState.Stopping : CallState.Running,
    };
}
