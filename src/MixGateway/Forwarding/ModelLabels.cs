using System.Collections.Concurrent;
using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>
/// The names of models in metrics. Models of the catalog have theirs. What only a <c>*</c> covers is a name that callers make
/// up: it gets a label once it was answered, and only so many do; the rest is <see cref="Other"/>.
/// </summary>
internal sealed class ModelLabels(int most)
{
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, string> _answered = new(StringComparer.Ordinal);
    private int _count;

    /// <param name="answered">True if the provider has answered a call to it, so that the name is not made up.</param>
    public string Of(ResolvedModel model, bool answered)
    {
        if (model.Model.Id != Model.Wildcard || _answered.ContainsKey(model.CanonicalName))
        {
            return model.ModelId;
        }

        return answered && TryAdd(model) ? model.ModelId : Other;
    }

    private bool TryAdd(ResolvedModel model)
    {
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        if (!_answered.TryAdd(model.CanonicalName, model.ModelId))
        {
            // Another call of the same model was faster.
            Interlocked.Decrement(ref _count);
        }

        return true;
    }
}
