using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>The rule of the end: what the caller is told when a completed answer could not be put on the books.</summary>
internal static class CallBooking
{
    /// <summary>A failed call keeps its own error; a completed one must not end as if it were paid for.</summary>
    public static CallOutcome Refusal(CallOutcome outcome) => outcome.Status == CallStatus.Completed
        ? CallOutcome.Refused(OpenAIErrors.ServiceUnavailable("The answer could not be recorded in time. Try again in a moment."))
        : outcome;
}
