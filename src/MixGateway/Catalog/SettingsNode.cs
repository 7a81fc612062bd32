using System.Diagnostics.CodeAnalysis;

namespace MixGateway.Catalog;

/// <summary>
/// Configuration as a tree, built in one pass: asking <see cref="IConfiguration"/> for children scans every key each time,
/// which is quadratic for a catalog of a thousand models. Keys are compared without case, as everywhere in configuration;
/// the spelling that comes first stays, so a name from a file is not respelled by an upper-case environment variable.
/// </summary>
internal sealed class SettingsNode
{
    private readonly Dictionary<string, SettingsNode> _children = new(StringComparer.OrdinalIgnoreCase);

    private SettingsNode(string key, string path)
    {
        Key = key;
        Path = path;
    }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string Key { get; }

    /// <summary>From the root, parts joined by colons; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Null where nothing, or JSON's null, is written; an empty JSON array is an empty string.</summary>
    public string? Value { get; private set; }

    /// <summary>Lists by their indexes, all else by name: mistakes come in the same order whatever source they are from.</summary>
    public IReadOnlyList<SettingsNode> Children
        => _children.Count == 0 ? [] : [.. _children.Values.OrderBy(child => child.Key, ConfigurationKeyComparer.Instance)];

    public bool HasChildren => _children.Count > 0;

    /// <summary>Neither a value nor children: as good as not written.</summary>
    public bool IsAbsent => Value is null && !HasChildren;

    public static SettingsNode Root() => new("", "");

    /// <summary>The whole of a configuration.</summary>
    public static SettingsNode From(IConfiguration configuration)
    {
        var root = Root();
        foreach (var (path, value) in configuration.AsEnumerable())
        {
            root.Set(path, value);
        }

        return root;
    }

    /// <summary>Writes a value over what an earlier source wrote there.</summary>
    public void Set(string path, string? value)
    {
        var node = this;
        foreach (var part in path.AsSpan().Split(ConfigurationPath.KeyDelimiter))
        {
            node = node.GetOrAdd(path[part]);
        }

        node.Value = value;
    }

    /// <summary>The child of that name, unless it is absent.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out SettingsNode? child)
        => _children.TryGetValue(key, out child) && !child.IsAbsent;

    /// <summary>Takes a child out, with all that is below it.</summary>
    public void Remove(string key) => _children.Remove(key);

    /// <summary>One value that is written for a list, as entries: those between its commas. They keep its path, because that is what is written.</summary>
    public IReadOnlyList<SettingsNode> Split() =>
        [.. (Value ?? "").Split(',', StringSplitOptions.TrimEntries).Select(text => new SettingsNode(Key, Path) { Value = text })];

    /// <summary>True if the same is written in both, names in the same spelling.</summary>
    public bool IsSameAs(SettingsNode other) =>
        Key == other.Key && Value == other.Value && _children.Count == other._children.Count
        && _children.All(child => other._children.TryGetValue(child.Key, out var theirs) && child.Value.IsSameAs(theirs));

    private SettingsNode GetOrAdd(string key)
    {
        if (!_children.TryGetValue(key, out var child))
        {
            child = new SettingsNode(key, Path.Length == 0 ? key : ConfigurationPath.Combine(Path, key));
            _children.Add(key, child);
        }

        return child;
    }
}
