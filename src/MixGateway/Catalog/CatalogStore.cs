using Microsoft.Extensions.Primitives;

namespace MixGateway.Catalog;

/// <summary>Holds the snapshot in force; reading it is one volatile read.</summary>
internal sealed class CatalogStore(CatalogSnapshot initial)
{
    private volatile State _state = new(initial);

    public CatalogSnapshot Current => _state.Snapshot;

    /// <summary>Fires once when the snapshot that is in force now is replaced.</summary>
    public IChangeToken ChangeToken => _state.Token;

    /// <summary>Puts a validated snapshot in force and tells those who watch.</summary>
    public void Swap(CatalogSnapshot snapshot)
    {
        var old = Interlocked.Exchange(ref _state, new State(snapshot));
        old.Signal();
    }

    private sealed class State(CatalogSnapshot snapshot)
    {
        private readonly ConfigurationReloadToken _token = new();

        public CatalogSnapshot Snapshot { get; } = snapshot;

        public IChangeToken Token => _token;

        public void Signal() => _token.OnReload();
    }
}
