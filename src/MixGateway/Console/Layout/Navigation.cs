using MixGateway.Console.Administration;
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
        new("/dashboard/keys", "Nav.Keys", "key"),
        new("/dashboard/usage", "Nav.Usage", "chart"),
        new("/dashboard/requests", "Nav.Requests", "list"),
        new(ConsolePaths.Models, "Nav.Models", "box"),
        new("/dashboard/playground", "Nav.Playground", "play", AccountRole.Member),
        new("/dashboard/quick-start", "Nav.QuickStart", "rocket"),
        new("/dashboard/billing", "Nav.Billing", "wallet"),
        new("/dashboard/members", "Nav.Members", "people"),
        new("/dashboard/profile", "Nav.Profile", "person"),
    ];

    public static readonly IReadOnlyList<NavigationItem> Administration =
    [
        new("/dashboard/admin", "Nav.Gateway", "pulse"),
        new("/dashboard/admin/calls", "Nav.Calls", "clock"),
        new("/dashboard/admin/accounts", "Nav.Accounts", "wallet"),
        new("/dashboard/admin/codes", "Nav.Codes", "ticket"),
        new("/dashboard/admin/users", "Nav.Users", "people"),
        new("/dashboard/admin/providers", "Nav.Providers", "server"),
        new("/dashboard/admin/catalog", "Nav.Catalog", "box"),
        new("/dashboard/admin/usage", "Nav.AllUsage", "chart"),
        new("/dashboard/admin/margin", "Nav.Margin", "trend"),
        new("/dashboard/admin/reconciliation", "Nav.Reconciliation", "scale"),
        new("/dashboard/admin/audit", "Nav.Audit", "list"),
        new("/dashboard/admin/tokens", "Nav.Tokens", "shield"),
    ];

    /// <summary>True on the page itself and on those below it.</summary>
    public static bool IsCurrent(NavigationItem item, string path) =>
        item.Path is ConsolePaths.Root or AdminPaths.Root ? path == item.Path : path == item.Path || path.StartsWith(item.Path + "/", StringComparison.Ordinal);
}
