using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Routing;

namespace MixGateway.Authentication;

/// <summary>
/// The key that a request was authenticated with. Key and account of a hash never change; whether they are alive and within
/// their limits, and whether the rest is still in force, is asked of the hot store, at admission. A feature of the request.
/// </summary>
/// <param name="Version">What the rules below are as of.</param>
/// <param name="Revoked">Final, so it needs no asking.</param>
internal sealed record Caller(
    Guid KeyId, Guid AccountId, KeyHash Hash, KeyVersion Version, bool Revoked, ModelPatterns AllowedModels, AddressRules AllowedAddresses);

/// <summary>Who calls, or the error that the caller is told.</summary>
internal readonly record struct CallerAnswer(Caller? Caller, OpenAIError? Error)
{
    public static CallerAnswer Unknown => new(null, OpenAIErrors.InvalidKey());

    public static CallerAnswer Unavailable => new(null, OpenAIErrors.ServiceUnavailable("The key could not be checked at the moment. Try again in a moment."));

    public static CallerAnswer Of(Caller caller) => caller.Revoked ? Unknown : new CallerAnswer(caller, null);
}
