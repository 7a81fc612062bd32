using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;
using MixGateway.Catalog;

namespace MixGateway.Hosting;

/// <summary>
/// The files that settings come from. They stand in the working directory, as <c>dotnet run</c> has it, or else beside the program, so
/// that a gateway that is started from anywhere finds its own.
/// </summary>
internal static class SettingsFiles
{
    private const string Name = "appsettings.json";

    /// <summary>Where <c>appsettings.json</c> is looked for; null leaves it to ASP.NET Core, because the operator has said it.</summary>
    public static string? FindFolder(IConfiguration host)
    {
        if (!string.IsNullOrEmpty(host[HostDefaults.ContentRootKey]))
        {
            return null;
        }

        var here = Directory.GetCurrentDirectory();
        return !Has(here, host) && Has(AppContext.BaseDirectory, host) ? AppContext.BaseDirectory : here;
    }

    /// <summary>What ASP.NET Core knows before it reads a file.</summary>
    public static IConfigurationRoot HostSettings(string[] settings) =>
        new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(settings).Build();

    /// <summary>The settings without those of the secrets, for a command that starts nothing. A file that cannot be read is left out.</summary>
    public static IConfigurationRoot Read(string[] settings)
    {
        var host = HostSettings(settings);
        var builder = new ConfigurationBuilder();
        foreach (var file in NamesOf(host).Select(name => Path.Combine(RootOf(host), name)).Where(static file => File.Exists(file) && !MistakesIn(file).Any()))
        {
            builder.AddJsonFile(file);
        }

        return builder.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables().AddCommandLine(settings).Build();
    }

    /// <summary>What keeps the files from being read, in words: the framework's reading throws, and tells of the first one alone.</summary>
    public static IEnumerable<string> Mistakes(IConfiguration host) =>
        NamesOf(host).Select(name => Path.Combine(RootOf(host), name)).Where(File.Exists).SelectMany(MistakesIn);

    /// <summary>The files and folders that were read, in their order; of a link also what it leads to.</summary>
    public static IEnumerable<string> Used(IConfiguration configuration) =>
        configuration is IConfigurationBuilder builder ? builder.Sources.Select(PathOf).OfType<string>() : [];

    private static string[] NamesOf(IConfiguration host) => [Name, $"appsettings.{host[HostDefaults.EnvironmentKey] ?? Environments.Production}.json"];

    private static string RootOf(IConfiguration host) => FindFolder(host) ?? Path.GetFullPath(host[HostDefaults.ContentRootKey]!);

    private static bool Has(string folder, IConfiguration host) => NamesOf(host).Any(name => File.Exists(Path.Combine(folder, name)));

    private static IEnumerable<string> MistakesIn(string path)
    {
        var file = new CatalogFile(path);
        file.Look(default);
        return file.Fault is { } fault ? [$"{path}: cannot be used because {fault}; correct it or remove it."]
            : file.Mistakes.Select(mistake => $"{path}: {mistake}");
    }

    private static string? PathOf(IConfigurationSource source) => source switch
    {
        JsonConfigurationSource { Path: { } name, FileProvider: { } files } when files.GetFileInfo(name) is { Exists: true, PhysicalPath: { } path } => WithTarget(path),
        KeyPerFileConfigurationSource { FileProvider: PhysicalFileProvider { Root: { } folder } } => folder,
        _ => null,
    };

    private static string WithTarget(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? $"{path} ({target.FullName})" : path;
}
