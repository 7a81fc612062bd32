using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixGateway.Billing;

/// <summary>A reported quantity as a usage record keeps it: with the price that applied, or without one.</summary>
/// <param name="Kind">What was counted.</param>
/// <param name="Count">1 or more: tokens, or uses.</param>
/// <param name="Price">Nano-units per million tokens or per use; null: unpriced, so that nothing was charged for it.</param>
/// <param name="PerUse">True if <paramref name="Price"/> is per use; false if it is per million tokens.</param>
internal sealed record BilledQuantity(string Kind, long Count, long? Price, bool PerUse)
{
    /// <summary>As a usage record stores them; null for none.</summary>
    public static string? Write(ImmutableArray<BilledQuantity> quantities) =>
        quantities.IsDefaultOrEmpty ? null : JsonSerializer.Serialize(quantities, BilledQuantityJson.Default.ImmutableArrayBilledQuantity);

    /// <summary>What <see cref="Write"/> wrote. Empty for null, and for a text that no version of the gateway wrote.</summary>
    public static ImmutableArray<BilledQuantity> Read(string? stored)
    {
        if (stored is null)
        {
            return [];
        }

        try
        {
            var quantities = JsonSerializer.Deserialize(stored, BilledQuantityJson.Default.ImmutableArrayBilledQuantity);
            return quantities.IsDefault ? [] : quantities;
        }
        catch (JsonException)
        {
            return [];
        }
    }
}

[JsonSerializable(typeof(ImmutableArray<BilledQuantity>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class BilledQuantityJson : JsonSerializerContext;
