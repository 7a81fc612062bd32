using System.Collections.Concurrent;
using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>
/// Remembers which models refuse to be asked for the usage of a stream. Some providers answer 400 to any <c>stream_options</c>; the gateway
/// then asks again without, and does not ask that model for a while.
/// </summary>
internal sealed class StreamUsageRefusals(TimeProvider time)
{
    /// <summary>How long a refusal is remembered; a provider that learns the parameter is noticed within that time.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    /// <summary>More models than this are not remembered: each of their streams then costs one more request.</summary>
    private const int MaxModels = 1024;

    private readonly ConcurrentDictionary<(string Provider, string Model), long> _refusedAt = new();

    /// <summary>Whether a stream of the model is to ask for its usage.</summary>
    public bool ShouldAsk(ResolvedModel model)
    {
        if (!model.Provider.RequestStreamUsage)
        {
            return false;
        }

        var key = (model.Provider.Name, model.ModelId);
        if (_refusedAt.IsEmpty || !_refusedAt.TryGetValue(key, out var refusedAt))
        {
            return true;
        }

        return time.GetElapsedTime(refusedAt) >= Remembered && _refusedAt.TryRemove(key, out _);
    }

    /// <summary>The model refused a request because of what the gateway added.</summary>
    public void Add(ResolvedModel model)
    {
        if (_refusedAt.Count < MaxModels)
        {
            _refusedAt[(model.Provider.Name, model.ModelId)] = time.GetTimestamp();
        }
    }
}
