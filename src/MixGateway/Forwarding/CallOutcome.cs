using MixGateway.Forwarding.Connections;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>What an attempt led to, as a value: the loop decides on it, the record and the caller's answer are made from it.</summary>
/// <param name="Status">How the call would end if this attempt were the last.</param>
/// <param name="Error">What the caller is told; null for a completed answer and for a caller who left.</param>
/// <param name="Retryable">True if another provider may be asked: nothing has been sent, and it was not the caller's mistake.</param>
internal sealed record CallOutcome(CallStatus Status, OpenAIError? Error, bool Retryable)
{
    /// <summary>What the provider or the network said, for the operator; not cleaned of secrets yet. Null where <see cref="Error"/> says it all.</summary>
    public string? Detail { get; init; }

    /// <summary>True if the provider refused the wish for usage that the gateway added to a stream.</summary>
    public bool RefusesStreamUsage { get; init; }

    /// <summary>The provider's HTTP status, if it refused.</summary>
    public int? UpstreamStatus { get; init; }

    /// <summary>What became of the connection; a loss says nothing about the credential that was used on it.</summary>
    public ConnectionLoss Loss { get; init; }

    /// <summary>True if the provider failed: not the caller, not the gateway.</summary>
    public bool IsProvidersFault { get; private init; }

    /// <summary>What a bug of the gateway threw, for the log; null if nothing of the kind happened.</summary>
    public Exception? Bug { get; private init; }

    public static readonly CallOutcome Completed = new(CallStatus.Completed, null, false);
    public static readonly CallOutcome CallerLeft = new(CallStatus.Aborted, null, false);

    public static CallOutcome ProviderFailed(OpenAIError error) => new(CallStatus.Failed, error, true) { IsProvidersFault = true };

    /// <summary>A bug of the gateway: no provider is blamed for it, and another attempt would only meet it again.</summary>
    public static CallOutcome OfBug(Exception bug) => new(CallStatus.Failed, OpenAIErrors.InternalError(), false) { Bug = bug };

    /// <summary>Ended from outside: billed as if the caller had left, but the caller is told.</summary>
    public static CallOutcome Stopped(OpenAIError error) => new(CallStatus.Aborted, error, false);

    public static CallOutcome Refused(OpenAIError error) => new(CallStatus.Failed, error, false);
}
