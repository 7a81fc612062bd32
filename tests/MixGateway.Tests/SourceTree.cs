namespace MixGateway.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceTree
{
    private static readonly char[] Separators = ['/', '\\'];

    public static string Root { get; } = FindRoot();

    /// <summary>All C# files that people wrote, as paths from the root with slashes.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        .. from folder in new[] { "src", "tests" }
            from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
            where !path.Split('/').Any(static part => part is "obj" or "bin" or "Migrations")
            orderby path
            select path,
    ];

    /// <summary>The gateway's code that people wrote: its C# files and its pages, which hold C# too.</summary>
    public static IReadOnlyList<string> Code { get; } =
    [
        .. Files.Where(static file => file.StartsWith("src/MixGateway/", StringComparison.Ordinal)),
        .. from file in Directory.EnumerateFiles(Path.Combine(Root, "src/MixGateway"), "*.razor", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
            where !path.Split('/').Any(static part => part is "obj" or "bin")
            orderby path
            select path,
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The folder of the gateway that a file is in: <c>Billing</c>; empty for <c>Program.cs</c>.</summary>
    public static string FeatureOf(string path)
    {
        var parts = path.Split(Separators);
        return parts.Length > 3 ? parts[2] : "";
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MixGateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No MixGateway.sln above {AppContext.BaseDirectory}: run the tests inside the repository.");
    }
}
