namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    /// <param name="path">From the root, such as <c>deploy/Dockerfile</c>.</param>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MixGateway.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("Run the tests inside the repository.");
        }

        return folder.FullName;
    }
}
