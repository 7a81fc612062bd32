namespace MixGateway.Catalog;

/// <summary>
/// The settings in force and what was read from them. A provider that is written as before is taken over and not read again: an edit of one
/// price in a catalog of thousands costs what it changes.
/// </summary>
internal sealed class ReadBefore(SettingsNode settings, CatalogSnapshot snapshot)
{
    private const string Providers = "Providers";

    private static readonly string[] Roots = [Providers, "Aliases"];
    private static readonly IEqualityComparer<SettingsNode> Same = EqualityComparer<SettingsNode>.Create(static (left, right) => left!.IsSameAs(right!));

    /// <summary>The provider as it is, or null if it has to be read. Whatever else may be part of one has to be the same as well.</summary>
    public Provider? Find(SettingsNode root, SettingsNode provider) =>
        settings.TryGet(Providers, out var providers) && providers.TryGet(provider.Key, out var before) && before.IsSameAs(provider)
        && snapshot.Providers.TryGetValue(provider.Key, out var known) && Others(root).SequenceEqual(Others(settings), Same) ? known : null;

    private static IEnumerable<SettingsNode> Others(SettingsNode root) => root.Children.Where(static section => !Roots.Contains(section.Key, StringComparer.OrdinalIgnoreCase));
}
