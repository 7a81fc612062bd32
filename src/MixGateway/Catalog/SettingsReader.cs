using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MixGateway.Billing;

namespace MixGateway.Catalog;

/// <summary>
/// Reads typed values from the tree and notes every mistake with its full path and what to do. On a mistake a method gives
/// a harmless value, so that reading goes on and all mistakes come at once. Messages never repeat a value: it may be a secret.
/// </summary>
internal sealed class SettingsReader(ICollection<string> errors)
{
    /// <summary>Far above any real price, and low enough that no product of tokens and price leaves 64 bits.</summary>
    private const long MaxPrice = 1_000_000;
    private const int PriceDecimals = 9;
    private const long NanosPerUnit = 1_000_000_000;

    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(1);

    public void Refuse(string path, string whatToDo) => errors.Add($"{path}: {whatToDo}");

    /// <summary>A single value; false where it is not written.</summary>
    public bool TryText(SettingsNode parent, string key, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!parent.TryGet(key, out var node))
        {
            return false;
        }

        if (node.HasChildren || node.Value is null)
        {
            Refuse(node.Path, "is a section or a list; write a single value.");
            return false;
        }

        text = node.Value;
        return true;
    }

    /// <summary>A price in nano-units; null where it is not written.</summary>
    public long? Price(SettingsNode parent, string key)
    {
        if (!TryText(parent, key, out var text))
        {
            return null;
        }

        if (DecimalText.TryParse(text, PriceDecimals, allowExponent: false, out var nanos) && nanos is >= 0 and <= MaxPrice * NanosPerUnit)
        {
            return nanos;
        }

        Refuse(
            PathOf(parent, key),
            $"must be a plain decimal number from 0 to {MaxPrice} with at most {PriceDecimals} decimals and no exponent, such as 0.28.");
        return 0;
    }

    /// <summary>A price that has to be written, so that nothing is free by accident.</summary>
    public long RequiredPrice(SettingsNode parent, string key)
    {
        if (parent.TryGet(key, out _))
        {
            return Price(parent, key) ?? 0;
        }

        Refuse(PathOf(parent, key), "is missing; write the price (0 if it is free).");
        return 0;
    }

    /// <summary>A whole number from 1 to <paramref name="max"/>; null where it is not written.</summary>
    public long? Count(SettingsNode parent, string key, long max)
    {
        if (!TryText(parent, key, out var text))
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= max)
        {
            return count;
        }

        Refuse(PathOf(parent, key), $"must be a whole number from 1 to {max}.");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>, in any case.</summary>
    public bool Flag(SettingsNode parent, string key, bool otherwise)
    {
        if (!TryText(parent, key, out var text))
        {
            return otherwise;
        }

        if (bool.TryParse(text, out var flag))
        {
            return flag;
        }

        Refuse(PathOf(parent, key), "must be true or false.");
        return otherwise;
    }

    /// <summary>A time as <see cref="DurationText"/> takes it, above zero and at most a day.</summary>
    public TimeSpan Duration(SettingsNode parent, string key, TimeSpan otherwise)
    {
        if (!TryText(parent, key, out var text))
        {
            return otherwise;
        }

        if (DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= LongestDuration)
        {
            return duration;
        }

        Refuse(PathOf(parent, key), $"must be {DurationText.Form}; more than 0 and at most a day.");
        return otherwise;
    }

    /// <summary>
    /// The entries of a list of strings, each with a value that is not empty; one string holds them separated by commas. Null where
    /// nothing is written; an empty list is a value too.
    /// </summary>
    public IReadOnlyList<SettingsNode>? Texts(SettingsNode parent, string key)
        => parent.TryGet(key, out var node) ? Texts(node) : null;

    /// <inheritdoc cref="Texts(SettingsNode, string)"/>
    public IReadOnlyList<SettingsNode> Texts(SettingsNode node)
    {
        if (!node.HasChildren)
        {
            return string.IsNullOrEmpty(node.Value) ? [] : NotEmpty(node.Split());
        }

        if (!string.IsNullOrEmpty(node.Value) || !TryItems(node, out var items))
        {
            // The children's names are left out: in a list that was written as an object they may be the secrets.
            Refuse(node.Path, "must be a list of strings.");
            return [];
        }

        return NotEmpty(items);
    }

    private List<SettingsNode> NotEmpty(IReadOnlyList<SettingsNode> items)
    {
        List<SettingsNode> texts = [];
        foreach (var item in items)
        {
            if (string.IsNullOrWhiteSpace(item.Value) || item.HasChildren)
            {
                Refuse(item.Path, "must be a string that is not empty; write it or remove the entry.");
                continue;
            }

            texts.Add(item);
        }

        return texts;
    }

    /// <summary>The entries of a list in order; false if a key is not an index.</summary>
    public static bool TryItems(SettingsNode node, out IReadOnlyList<SettingsNode> items)
    {
        items = node.Children;
        return items.All(IsIndexed);
    }

    public static bool IsIndexed(SettingsNode node)
        => int.TryParse(node.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Notes every key that means nothing here, with the known name it is nearest to.</summary>
    public void RefuseUnknownKeys(SettingsNode node, IReadOnlyCollection<string> known)
    {
        foreach (var child in node.Children)
        {
            if (known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var meant = NameSuggestion.Nearest(child.Key, known);
            Refuse(child.Path, meant is null
                ? $"is not known here; remove it, or use one of {string.Join(", ", known)}."
                : $"is not known here; did you mean {meant}?");
        }
    }

    public static string PathOf(SettingsNode parent, string key) => $"{parent.Path}:{key}";
}
