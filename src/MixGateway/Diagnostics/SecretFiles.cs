using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.KeyPerFile;
using Microsoft.Extensions.FileProviders;

namespace MixGateway.Diagnostics;

/// <summary>
/// Settings as files, one per setting, as Docker and Kubernetes mount secrets: the file's name is the setting's, with <c>__</c> for
/// each colon (<c>Bootstrap__AdminToken</c>), its text the value. The environment and the command line win over them.
/// </summary>
internal static class SecretFiles
{
    /// <summary>The folder. Where it is not set, <see cref="DefaultPath"/> is read if it is there.</summary>
    public const string PathKey = "Secrets:Path";
    public const string DefaultPath = "/run/secrets";

    /// <summary>Settings without which this gateway is not to start, separated by semicolons; any source may hold them.</summary>
    public const string RequiredKey = "Secrets:Required";

    private const string IgnoredPrefix = "ignore.";

    /// <summary>Reads the files once, before any other setting is looked at.</summary>
    /// <exception cref="SettingsRefusedException">The folder or a file in it cannot be read, a file is empty, or a required setting is missing.</exception>
    /// <param name="isNeeded">Which settings have to be right; null: all.</param>
    public static void AddSecretFiles(this WebApplicationBuilder builder, Func<string, bool>? isNeeded = null)
    {
        isNeeded ??= static _ => true;
        var written = builder.Configuration[PathKey];
        var path = string.IsNullOrWhiteSpace(written) ? DefaultPath : Path.GetFullPath(written, builder.Environment.ContentRootPath);
        List<string> mistakes = [];
        if (Directory.Exists(path))
        {
            AddFolder(builder.Configuration, path, isNeeded, mistakes);
        }
        else if (path != DefaultPath)
        {
            mistakes.Add($"{PathKey}: there is no folder {path}. Create it or remove the setting.");
        }

        AddMissing(builder.Configuration, path, isNeeded, mistakes);
        if (mistakes.Count > 0)
        {
            throw new SettingsRefusedException(mistakes);
        }
    }

    private static void AddFolder(ConfigurationManager configuration, string path, Func<string, bool> isNeeded, List<string> mistakes)
    {
        if (Mistakes(path, isNeeded) is { Count: > 0 } found)
        {
            mistakes.AddRange(found);
            return;
        }

        // Not reloaded: a file that cannot be read at the wrong moment would end the process. A rolling restart takes new secrets.
        var source = new KeyPerFileConfigurationSource
        {
            FileProvider = new PhysicalFileProvider(path),
            IgnoreCondition = name => name.StartsWith(IgnoredPrefix, StringComparison.OrdinalIgnoreCase) || !isNeeded(SettingOf(name)),
        };
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var environment = sources.LastOrDefault(static other => other is EnvironmentVariablesConfigurationSource);
        sources.Insert(environment is null ? sources.Count : sources.IndexOf(environment), source);
    }

    private static void AddMissing(ConfigurationManager configuration, string path, Func<string, bool> isNeeded, List<string> mistakes)
    {
        foreach (var key in (configuration[RequiredKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(isNeeded))
        {
            var file = Path.Combine(path, key.Replace(":", "__", StringComparison.Ordinal));
            if (string.IsNullOrWhiteSpace(configuration[key]) && !File.Exists(file))
            {
                mistakes.Add($"{key}: is not set, and {RequiredKey} asks for it. Write it into {file}.");
            }
        }
    }

    /// <summary>An empty file is what a secret that was never filled in looks like.</summary>
    private static List<string> Mistakes(string path, Func<string, bool> isNeeded)
    {
        List<string> mistakes = [];
        try
        {
            foreach (var file in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
            {
                var name = Path.GetFileName(file);
                var setting = SettingOf(name);
                if (!name.StartsWith('.') && !name.StartsWith(IgnoredPrefix, StringComparison.OrdinalIgnoreCase) && isNeeded(setting) && MistakeIn(file) is { } mistake)
                {
                    mistakes.Add($"{setting}: the file {file} {mistake}");
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{PathKey}: the folder {path} cannot be read: {exception.Message}");
        }

        return mistakes;
    }

    private static string SettingOf(string fileName) => fileName.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    private static string? MistakeIn(string file)
    {
        try
        {
            return string.IsNullOrWhiteSpace(File.ReadAllText(file)) ? "is empty. Write the secret into it, or remove it." : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read by this process: {exception.Message}";
        }
    }
}
