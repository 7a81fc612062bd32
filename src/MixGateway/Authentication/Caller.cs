using MixGateway.Routing;

namespace MixGateway.Authentication;

/// <summary>
/// The key that a request was authenticated with. Key and account of a hash never change; whether they are alive and within
/// their limits is asked of the hot store, at admission. A feature of the request.
/// </summary>
/// <param name="Revoked">Final, so it needs no asking.</param>
/// <param name="AllowedModels">As of the last look into the database, at most <see cref="CallerDirectory.FreshFor"/> ago.</param>
internal sealed record Caller(Guid KeyId, Guid AccountId, bool Revoked, ModelPatterns AllowedModels, AddressRules AllowedAddresses);
