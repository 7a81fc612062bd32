using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>A bounded word for how a call failed; what a provider calls its errors is not bounded.</summary>
internal static class ErrorTypes
{
    /// <summary>Null for a completed call.</summary>
    public static string? Of(CallOutcome outcome) => outcome switch
    {
        { Error: { Status: 400 or 404 or 413 or 422 } } => "upstream_refused",
        { Error: { } error } => error.Code ?? error.Type,
        { Status: CallStatus.Completed } => null,
        _ => "caller_left",
    };
}
