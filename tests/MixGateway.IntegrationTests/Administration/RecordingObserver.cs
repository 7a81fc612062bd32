using System.Collections.Concurrent;
using MixGateway.Administration;
using MixGateway.Authentication;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Keeps what it was told.</summary>
internal sealed class RecordingObserver : IAccountObserver, IKeyObserver
{
    public ConcurrentQueue<(Guid AccountId, Money Balance, long Version)> Balances { get; } = new();

    public ConcurrentQueue<(Guid KeyId, KeyHash Hash)> Keys { get; } = new();

    public ConcurrentQueue<Guid> Accounts { get; } = new();

    public void OnBalance(Guid accountId, Money balance, long version) => Balances.Enqueue((accountId, balance, version));

    public void OnKeyChanged(Guid keyId, KeyHash hash) => Keys.Enqueue((keyId, hash));

    public void OnAccountChanged(Guid accountId) => Accounts.Enqueue(accountId);
}
