using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace MixGateway.OpenAI;

/// <summary>A quantity that a provider reported beside the five counts of <see cref="TokenUsage"/>.</summary>
/// <param name="Kind">One of <see cref="QuantityKinds"/>, or the provider's own name of what it counted, such as <c>search_units</c>.</param>
/// <param name="Count">1 to <see cref="TokenUsage.MaxCount"/>.</param>
internal readonly record struct ReportedQuantity(string Kind, long Count);

/// <summary>What a provider reported beside the five counts of <see cref="TokenUsage"/>. Immutable, in the order of the report, without zeros.</summary>
internal sealed class ReportedQuantities : IEquatable<ReportedQuantities>
{
    /// <summary>More kinds than any provider reports. The rest is dropped, so that a hostile report cannot fill the books.</summary>
    public const int MaxKinds = 32;

    /// <summary>Longer names are cut, in UTF-16 code units.</summary>
    public const int MaxNameLength = 64;

    private ReportedQuantities(ImmutableArray<ReportedQuantity> items) => Items = items;

    /// <summary>Never empty.</summary>
    public ImmutableArray<ReportedQuantity> Items { get; }

    /// <summary>Adds a quantity, or raises the one of that kind that is already there: reports are cumulative, so the larger count wins.</summary>
    /// <param name="quantities">Null for none.</param>
    /// <param name="kind">One of <see cref="QuantityKinds"/> or the provider's own name.</param>
    /// <param name="count">Zero and less add nothing. More than <see cref="TokenUsage.MaxCount"/> counts as that.</param>
    [return: NotNullIfNotNull(nameof(quantities))]
    public static ReportedQuantities? Add(ReportedQuantities? quantities, string kind, long count)
    {
        if (count <= 0)
        {
            return quantities;
        }

        var item = new ReportedQuantity(kind.Length > MaxNameLength ? kind[..MaxNameLength] : kind, Math.Min(count, TokenUsage.MaxCount));
        if (quantities is null)
        {
            return new ReportedQuantities([item]);
        }

        var items = quantities.Items;
        for (var i = 0; i < items.Length; i++)
        {
            if (string.Equals(items[i].Kind, item.Kind, StringComparison.Ordinal))
            {
                return items[i].Count >= item.Count ? quantities : new ReportedQuantities(items.SetItem(i, item));
            }
        }

        return items.Length < MaxKinds ? new ReportedQuantities(items.Add(item)) : quantities;
    }

    /// <summary>The count of a kind; 0 if it was not reported.</summary>
    public long CountOf(string kind)
    {
        foreach (var item in Items)
        {
            if (string.Equals(item.Kind, kind, StringComparison.Ordinal))
            {
                return item.Count;
            }
        }

        return 0;
    }

    public bool Equals(ReportedQuantities? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReportedQuantities);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Items.Length, Items[0]);
}
