using System.Collections.Immutable;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Catalog;

/// <summary>Reads <c>Providers:x:Models</c>: an object whose keys are ids, or an array whose entries have an <c>Id</c>.</summary>
internal sealed class ModelReader(SettingsReader reader)
{
    private static readonly string[] TokenPriceKeys =
        ["InputPrice", "OutputPrice", "CachedInputPrice", "CacheWritePrice", "ReasoningPrice"];

    public static readonly string[] TierKeys = ["AbovePromptTokens", .. TokenPriceKeys];

    public static readonly string[] ModelKeys =
        ["Id", .. TokenPriceKeys, "RequestPrice", "Tiers", "Units", "ContextLength", "MaxOutputTokens", "Purchase"];

    public static readonly string[] PurchaseKeys = [.. TokenPriceKeys, "RequestPrice", "Tiers"];

    /// <summary>All models of a provider by id. One with a mistake is there too, so that an alias to it is not a mistake as well.</summary>
    public Dictionary<string, Model> Read(SettingsNode provider)
    {
        Dictionary<string, Model> models = new(StringComparer.Ordinal);
        if (!provider.TryGet("Models", out var list))
        {
            return models;
        }

        if (!string.IsNullOrEmpty(list.Value))
        {
            reader.Refuse(list.Path, "must be an object of models by id, or a list of models with an Id.");
        }

        foreach (var node in list.Children)
        {
            if (!TryId(node, out var id))
            {
                continue;
            }

            if (!models.TryAdd(id, ReadModel(node, id)))
            {
                reader.Refuse(node.Path, $"is a second model with the id '{id}'; keep one.");
            }
        }

        return models;
    }

    private bool TryId(SettingsNode node, out string id)
    {
        id = node.Key;
        if (node.Value is not null)
        {
            reader.Refuse(node.Path, "must be an object with InputPrice and OutputPrice.");
            return false;
        }

        if (reader.TryText(node, "Id", out var written))
        {
            if (!SettingsReader.IsIndexed(node) && !string.Equals(written, node.Key, StringComparison.Ordinal))
            {
                reader.Refuse(SettingsReader.PathOf(node, "Id"), "differs from the model's key, which is the id; remove Id, or write Models as a list.");
            }

            id = written;
        }
        else if (SettingsReader.IsIndexed(node))
        {
            reader.Refuse(SettingsReader.PathOf(node, "Id"), "is missing; a model in a list needs the provider's id.");
            return false;
        }

        if (id == Model.Wildcard || ModelName.IsUsableId(id))
        {
            return true;
        }

        reader.Refuse(node.Path, $"has no usable id; write 1 to {ModelName.MaxIdLength} characters without control characters.");
        return false;
    }

    private Model ReadModel(SettingsNode node, string id)
    {
        if (node.Children.Any(child => child.Children.Any(inner => TokenPriceKeys.Contains(inner.Key, StringComparer.OrdinalIgnoreCase)
            && !child.Key.Equals("Tiers", StringComparison.OrdinalIgnoreCase) && !child.Key.Equals("Purchase", StringComparison.OrdinalIgnoreCase))))
        {
            reader.Refuse(node.Path, "looks like an id with a colon, which a configuration key cannot hold; write Models as a list, with the id in Id.");
        }
        else
        {
            reader.RefuseUnknownKeys(node, ModelKeys);
        }

        var price = ReadPrice(node, ReadUnits(node));
        return new Model(
            id,
            price,
            reader.Count(node, "ContextLength", TokenUsage.MaxCount),
            reader.Count(node, "MaxOutputTokens", TokenUsage.MaxCount),
            ReadPurchase(node));
    }

    private Price ReadPrice(SettingsNode node, ImmutableDictionary<string, long> units) =>
        new(ReadTokenPrices(node), reader.Price(node, "RequestPrice") ?? 0, ReadTiers(node), units);

    /// <summary>What the provider takes, in the words of what callers pay.</summary>
    private Price? ReadPurchase(SettingsNode model)
    {
        if (!model.TryGet("Purchase", out var purchase))
        {
            return null;
        }

        if (purchase.Value is not null)
        {
            reader.Refuse(purchase.Path, "must be an object with InputPrice and OutputPrice: what the provider charges.");
            return null;
        }

        reader.RefuseUnknownKeys(purchase, PurchaseKeys);
        return ReadPrice(purchase, ImmutableDictionary<string, long>.Empty);
    }

    private TokenPrices ReadTokenPrices(SettingsNode node)
    {
        var input = reader.RequiredPrice(node, "InputPrice");
        var output = reader.RequiredPrice(node, "OutputPrice");
        return new TokenPrices(
            input,
            reader.Price(node, "CachedInputPrice") ?? input,
            reader.Price(node, "CacheWritePrice") ?? input,
            output,
            reader.Price(node, "ReasoningPrice") ?? output);
    }

    private ImmutableArray<PriceTier> ReadTiers(SettingsNode model)
    {
        if (!model.TryGet("Tiers", out var list))
        {
            return [];
        }

        if (!string.IsNullOrEmpty(list.Value) || !SettingsReader.TryItems(list, out var items))
        {
            reader.Refuse(list.Path, "must be a list of objects with AbovePromptTokens, InputPrice and OutputPrice.");
            return [];
        }

        SortedDictionary<long, PriceTier> tiers = [];
        foreach (var item in items)
        {
            reader.RefuseUnknownKeys(item, TierKeys);
            var prices = ReadTokenPrices(item);
            if (!item.TryGet("AbovePromptTokens", out _))
            {
                reader.Refuse(SettingsReader.PathOf(item, "AbovePromptTokens"), "is missing; write the prompt length above which these prices apply.");
            }
            else if (reader.Count(item, "AbovePromptTokens", TokenUsage.MaxCount) is { } above && !tiers.TryAdd(above, new PriceTier(above, prices)))
            {
                reader.Refuse(SettingsReader.PathOf(item, "AbovePromptTokens"), "is the same as another tier's; keep one.");
            }
        }

        return [.. tiers.Values];
    }

    private ImmutableDictionary<string, long> ReadUnits(SettingsNode model)
    {
        if (!model.TryGet("Units", out var units))
        {
            return ImmutableDictionary<string, long>.Empty;
        }

        if (units.Value is not null)
        {
            reader.Refuse(units.Path, "must be an object of prices by unit, such as { \"image\": 0.04 }.");
        }

        var prices = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var unit in units.Children)
        {
            prices[unit.Key] = reader.RequiredPrice(units, unit.Key);
        }

        return prices.ToImmutable();
    }
}
