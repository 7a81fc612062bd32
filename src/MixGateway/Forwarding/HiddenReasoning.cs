using System.Collections.Concurrent;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// Knows which models think without showing it. When a caller hangs up on one of them, only the provider's report tells what the call cost:
/// an estimate of what was delivered would make leaving early a discount.
/// </summary>
/// <remarks>The setting <c>HiddenReasoning</c> decides where it is written; otherwise the model is known from an answer that reported reasoning and showed none.</remarks>
internal sealed class HiddenReasoning
{
    /// <summary>Models that are remembered; under a wildcard their names are the callers'.</summary>
    private const int MaxModels = 4096;

    private readonly ConcurrentDictionary<string, byte> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether a call to this model is read to its end although its caller left.</summary>
    public bool IsHiddenBy(ResolvedModel model) => model.Model.HiddenReasoning ?? _seen.ContainsKey(model.CanonicalName);

    /// <summary>Learns from a report.</summary>
    public void Learn(ResolvedModel model, TokenUsage reported, DeliveredText text)
    {
        if (reported.ReasoningTokens > 0 && !text.HasReasoning && _seen.Count < MaxModels)
        {
            _seen.TryAdd(model.CanonicalName, 0);
        }
    }
}
