using MixGateway.Storage;

namespace MixGateway.Console.Layout;

/// <summary>A line of the menu.</summary>
/// <param name="Text">A key of the shared texts.</param>
/// <param name="Icon">A name that <c>Icon</c> knows.</param>
/// <param name="AtLeast">Who sees it; null is everybody.</param>
internal sealed record NavigationItem(string Path, string Text, string Icon, AccountRole? AtLeast = null);

/// <summary>The menu; a new page gets its line here.</summary>
internal static class Navigation
{
    public static readonly IReadOnlyList<NavigationItem> Account =
    [
        new("/dashboard", "Nav.Overview", "home"),
    ];

    public static readonly IReadOnlyList<NavigationItem> Administration = [];

    /// <summary>True on the page itself and on those below it.</summary>
    public static bool IsCurrent(NavigationItem item, string path) =>
        item.Path == ConsolePaths.Root ? path == item.Path : path == item.Path || path.StartsWith(item.Path + "/", StringComparison.Ordinal);
}
