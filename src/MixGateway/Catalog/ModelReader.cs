using System.Collections.Immutable;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Catalog;

/// <summary>Reads <c>Providers:x:Models</c>: an object whose keys are ids, or an array whose entries have an <c>Id</c>.</summary>
internal sealed class ModelReader(SettingsReader reader)
{
    private static readonly ImmutableDictionary<string, long> NoTools = ImmutableDictionary.Create<string, long>(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] TokenPriceKeys =
    [
        "InputPrice", "OutputPrice", "CachedInputPrice", "CacheWritePrice", "CacheWrite1hPrice", "ReasoningPrice",
        "AudioInputPrice", "AudioOutputPrice", "ImageInputPrice", "ImageOutputPrice",
    ];

    public static readonly string[] TierKeys = ["AbovePromptTokens", .. TokenPriceKeys];

    public static readonly string[] ModelKeys =
        ["Id", .. TokenPriceKeys, "RequestPrice", "Tiers", ToolPrices, "ContextLength", "MaxOutputTokens", "MaxMediaTokens", "HiddenReasoning", "Purchase"];

    public static readonly string[] PurchaseKeys = [.. TokenPriceKeys, "RequestPrice", "Tiers", ToolPrices];

    /// <summary>Of a provider, of one of its models, or of what a model is bought for.</summary>
    public const string ToolPrices = "ToolPrices";

    /// <summary>All models of a provider by id. One with a mistake is there too, so that an alias to it is not a mistake as well.</summary>
    public Dictionary<string, Model> Read(SettingsNode provider)
    {
        Dictionary<string, Model> models = new(StringComparer.Ordinal);
        var tools = ReadTools(provider, NoTools);
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

            if (!models.TryAdd(id, ReadModel(node, id, tools)))
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

    private Model ReadModel(SettingsNode node, string id, ImmutableDictionary<string, long> providerTools)
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

        var price = ReadPrice(node, ReadTools(node, providerTools));
        return new Model(
            id,
            price,
            reader.Count(node, "ContextLength", TokenUsage.MaxCount),
            reader.Count(node, "MaxOutputTokens", TokenUsage.MaxCount),
            ReadPurchase(node))
        {
            MaxMediaTokens = reader.Count(node, "MaxMediaTokens", TokenUsage.MaxCount),
            HiddenReasoning = node.TryGet("HiddenReasoning", out _) ? reader.Flag(node, "HiddenReasoning", false) : null,
        };
    }

    private Price ReadPrice(SettingsNode node, ImmutableDictionary<string, long> tools) =>
        new(ReadTokenPrices(node), reader.Price(node, "RequestPrice") ?? 0, ReadTiers(node), tools);

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
        return ReadPrice(purchase, ReadTools(purchase, NoTools));
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
            reader.Price(node, "ReasoningPrice") ?? output)
        {
            CacheWrite1h = reader.Price(node, "CacheWrite1hPrice"),
            AudioInput = reader.Price(node, "AudioInputPrice"),
            AudioOutput = reader.Price(node, "AudioOutputPrice"),
            ImageInput = reader.Price(node, "ImageInputPrice"),
            ImageOutput = reader.Price(node, "ImageOutputPrice"),
        };
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

    /// <summary>Prices per use, over those that apply where this says nothing. Names are compared without case, as everywhere in settings.</summary>
    private ImmutableDictionary<string, long> ReadTools(SettingsNode node, ImmutableDictionary<string, long> otherwise)
    {
        if (!node.TryGet(ToolPrices, out var tools))
        {
            return otherwise;
        }

        if (tools.Value is not null)
        {
            reader.Refuse(tools.Path, "must be an object of prices per use by the tool's name, such as { \"web_search\": 0.01 }.");
            return otherwise;
        }

        var prices = otherwise.ToBuilder();
        foreach (var tool in tools.Children)
        {
            prices[tool.Key] = reader.RequiredPrice(tools, tool.Key);
        }

        return prices.ToImmutable();
    }
}
