using MixGateway.Catalog;
using MixGateway.Forwarding;

namespace MixGateway.Diagnostics;

/// <summary>Says which names in our sections mean nothing: a slip in a limit's name would otherwise be a limit that is not there.</summary>
internal static partial class UnknownSettings
{
    /// <summary>The catalogue refuses what it does not know by itself, and Serilog's belong to Serilog.</summary>
    private static readonly string[] Others = ["Providers", "Aliases", ProxyReader.Section, "Serilog"];

    /// <summary>Sections and settings in which strangers may have theirs: only what is nearly one of ours is told.</summary>
    private static readonly string[] Shared = ["", "ConnectionStrings"];

    /// <summary>Of the settings without a section those whose name is no common word.</summary>
    private static readonly string[] Single = [ShutdownTimes.DelayKey, ShutdownTimes.TimeoutKey];

    public static void WarnOfUnknownSettings(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(UnknownSettings));
        foreach (var (name, meant) in Find(app.Configuration))
        {
            if (meant is null)
            {
                Log.Unknown(logger, name);
            }
            else
            {
                Log.Misspelt(logger, name, meant);
            }
        }
    }

    /// <summary>Each unknown name with the one that was probably meant.</summary>
    public static IEnumerable<(string Name, string? Meant)> Find(IConfiguration configuration) => Find(configuration, "");

    /// <param name="path">Of the section, as our own names write it; empty for the whole.</param>
    private static IEnumerable<(string Name, string? Meant)> Find(IConfiguration section, string path)
    {
        var known = NamesIn(path);
        if (known.Length == 0)
        {
            // A setting: what is under it are the entries of its list.
            yield break;
        }

        foreach (var written in section.GetChildren())
        {
            if (Array.Find(known, name => name.Equals(written.Key, StringComparison.OrdinalIgnoreCase)) is { } name)
            {
                foreach (var found in Others.Contains(name) && path.Length == 0 ? [] : Find(written, Join(path, name)))
                {
                    yield return found;
                }

                continue;
            }

            var meant = NameSuggestion.Nearest(written.Key, path.Length > 0 ? known : written.GetChildren().Any() ? known : Single);
            if (meant is not null || !Shared.Contains(path))
            {
                yield return (written.Path, meant is null ? null : Join(path, meant));
            }
        }
    }

    /// <summary>The names that stand next in our settings of a section.</summary>
    private static string[] NamesIn(string path) =>
    [
        .. KnownSettings.All.Where(name => path.Length == 0 || name.StartsWith(path + ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            .Select(name => name[(path.Length == 0 ? 0 : path.Length + 1)..].Split(ConfigurationPath.KeyDelimiter)[0]).Distinct(),
    ];

    private static string Join(string path, string name) => path.Length == 0 ? name : ConfigurationPath.Combine(path, name);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The setting {Name} is not known and does nothing; did you mean {Meant}?", EventName = "SettingMisspelt")]
        public static partial void Misspelt(ILogger logger, string name, string meant);

        [LoggerMessage(2, LogLevel.Warning, "The setting {Name} is not known and does nothing; docs/configuration.md has all there are", EventName = "SettingUnknown")]
        public static partial void Unknown(ILogger logger, string name);
    }
}
