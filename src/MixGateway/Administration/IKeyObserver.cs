using MixGateway.Authentication;

namespace MixGateway.Administration;

/// <summary>
/// Is told of a change right after its commit, so that what this process remembers of keys is not older than the answer to who
/// made the change. An implementation only takes note: it does not wait and does not throw.
/// </summary>
internal interface IKeyObserver
{
    /// <summary>A key was created, edited or revoked.</summary>
    void OnKeyChanged(Guid keyId, KeyHash hash);

    /// <summary>An account was renamed, suspended or set active again.</summary>
    void OnAccountChanged(Guid accountId);
}
