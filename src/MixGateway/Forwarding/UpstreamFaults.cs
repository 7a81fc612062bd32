using System.Collections.Concurrent;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Keeps the last failures of each destination for whoever has to find out what is wrong with a provider.</summary>
internal sealed class UpstreamFaults(CatalogStore catalog, TimeProvider time)
{
    public const int KeptPerDestination = 10;

    /// <summary>A provider that repeats a prompt or a page of HTML is cut here.</summary>
    public const int MaxMessageLength = 300;

    /// <summary>Each edit of a credential leaves a destination behind; beyond this many those that are gone are forgotten.</summary>
    private const int SweepAbove = 256;

    private readonly ConcurrentDictionary<(string Provider, string Destination), Recent> _recent = new();

    /// <summary>Takes note of an attempt that the provider is to blame for; others are passed over.</summary>
    public void Note(Call call, string destinationId)
    {
        if (call.Outcome is not { Error: { } error, IsProvidersFault: true } outcome)
        {
            return;
        }

        var message = ErrorSanitizer.Clean(outcome.Detail ?? error.Message, call.Credential, call.Target.ModelId, call.Target.CanonicalName);
        var fault = new ProviderFault(
            time.GetUtcNow(), error.Code ?? error.Type, outcome.UpstreamStatus, message.Length <= MaxMessageLength ? message : string.Concat(message.AsSpan(0, MaxMessageLength), "…"));
        if (_recent.Count > SweepAbove)
        {
            ForgetGone();
        }

        _recent.GetOrAdd((call.Target.Provider.Name, destinationId), static _ => new Recent()).Add(fault);
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<ProviderFault> Of(string provider, string destinationId) =>
        _recent.TryGetValue((provider, destinationId), out var recent) ? recent.Read() : [];

    private void ForgetGone()
    {
        var present = catalog.Current.Providers.Values
            .SelectMany(static provider => provider.Credentials.Select(credential => (provider.Name, UpstreamTarget.DestinationId(credential))))
            .ToHashSet();
        foreach (var key in _recent.Keys)
        {
            if (!present.Contains(key))
            {
                _recent.TryRemove(key, out _);
            }
        }
    }

    private sealed class Recent
    {
        private readonly Queue<ProviderFault> _faults = new(KeptPerDestination);

        public void Add(ProviderFault fault)
        {
            lock (_faults)
            {
                if (_faults.Count == KeptPerDestination)
                {
                    _faults.Dequeue();
                }

                _faults.Enqueue(fault);
            }
        }

        public ProviderFault[] Read()
        {
            lock (_faults)
            {
                return [.. _faults.Reverse()];
            }
        }
    }
}
