using System.Collections.Immutable;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// What a request asks a provider to do beside writing text: run a tool, speak, draw. Providers charge for that beside the tokens or at other
/// prices, so a request passes only if the catalog has those prices.
/// </summary>
internal static class PaidWork
{
    private const string Any = "*";

    /// <summary>OpenRouter searches the web for every model whose id ends so.</summary>
    private const string OnlineSuffix = ":online";

    private const string OpenRouter = "openrouter.ai";

    /// <summary>The first thing that the candidate has no price for; null if it may be asked. Adds what is asked by members of the root to the call.</summary>
    public static OpenAIError? Check(Call call, ResolvedModel candidate)
    {
        var envelope = call.Envelope;
        var prices = candidate.Model.Price.Tokens;
        if (envelope.AsksAudio && prices.AudioOutput is null)
        {
            return UnpricedModality("audio", nameof(prices.AudioOutput), candidate);
        }

        if (envelope.AsksImages && prices.ImageOutput is null)
        {
            return UnpricedModality("image", nameof(prices.ImageOutput), candidate);
        }

        foreach (var tool in envelope.Tools)
        {
            if (!Passes(tool.Name, candidate))
            {
                return UnpricedTool("tools", tool.Name, candidate);
            }
        }

        return CheckFields(call, candidate) ?? CheckName(call, candidate);
    }

    private static OpenAIError? CheckFields(Call call, ResolvedModel candidate)
    {
        var provider = candidate.Provider;
        if (!call.Envelope.TryFindField(call.Body.Span, provider.ToolFields, out _))
        {
            return null;
        }

        foreach (var field in FieldValues.Asked(call.Body.Span, provider.ToolFields))
        {
            if (provider.RemovedFields.Contains(field, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!Passes(field, candidate))
            {
                return UnpricedTool(field, field, candidate);
            }

            Add(call, field);
        }

        return null;
    }

    private static OpenAIError? CheckName(Call call, ResolvedModel candidate)
    {
        if (!candidate.ModelId.EndsWith(OnlineSuffix, StringComparison.OrdinalIgnoreCase)
            || !candidate.Provider.BaseUrl.Host.EndsWith(OpenRouter, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!Passes(QuantityKinds.WebSearch, candidate))
        {
            return UnpricedTool("model", QuantityKinds.WebSearch, candidate);
        }

        Add(call, QuantityKinds.WebSearch);
        return null;
    }

    private static bool Passes(string name, ResolvedModel candidate)
    {
        var free = candidate.Provider.FreeTools;
        return candidate.Model.Price.OfTool(name) is not null
            || (!free.IsEmpty && (Contains(free, Any) || Contains(free, name) || Contains(free, ToolNames.Common(name))));
    }

    private static bool Contains(ImmutableArray<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static void Add(Call call, string name)
    {
        var tool = new AskedTool(name, 0);
        if (!call.Tools.Contains(tool))
        {
            call.Tools = call.Tools.Add(tool);
        }
    }

    private static OpenAIError UnpricedTool(string param, string name, ResolvedModel candidate) => OpenAIErrors.InvalidParameter(
        param,
        $"'{name}' is a tool that the provider runs, and {candidate.CanonicalName} has no price for it. "
        + $"Remove it, or ask the operator to set Providers:{candidate.Provider.Name}:{ModelReader.ToolPrices}:{ToolNames.Common(name)}.");

    private static OpenAIError UnpricedModality(string modality, string price, ResolvedModel candidate) => OpenAIErrors.InvalidParameter(
        "modalities",
        $"The modality '{modality}' has no price for {candidate.CanonicalName}. "
        + $"Ask for text alone, or ask the operator to set Providers:{candidate.Provider.Name}:Models:{candidate.Model.Id}:{price}Price.");
}
