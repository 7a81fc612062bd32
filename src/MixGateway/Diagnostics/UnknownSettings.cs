using MixGateway.Catalog;
using MixGateway.Forwarding;
using MixGateway.Quotas;
using MixGateway.Storage;

namespace MixGateway.Diagnostics;

/// <summary>Says which names in our sections mean nothing: a slip in a limit's name would otherwise be a limit that is not there.</summary>
internal static partial class UnknownSettings
{
    /// <summary>The catalog refuses what it does not know by itself, and Serilog's belong to Serilog.</summary>
    private static readonly string[] Others = ["Providers", "Aliases", ProxyReader.Section, "Serilog"];

    /// <summary>Sections and settings in which strangers may have theirs: only what is nearly one of ours is told.</summary>
    private static readonly string[] Shared = ["", "ConnectionStrings"];

    private static readonly string[] StoreSections = ["ConnectionStrings", "Data"];

    private static readonly Lazy<Dictionary<string, string>> ByLetters = new(static () => KnownSettings.All
        .Where(static name => name.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
        .DistinctBy(Letters, StringComparer.OrdinalIgnoreCase).ToDictionary(Letters, StringComparer.OrdinalIgnoreCase));

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
    public static IEnumerable<(string Name, string? Meant)> Find(IConfiguration configuration) => Find(configuration, "", Shared);

    /// <summary>The same where nobody else has settings, as on the command line.</summary>
    public static IEnumerable<(string Name, string? Meant)> FindAny(IConfiguration configuration) => Find(configuration, "", shared: []);

    /// <summary>
    /// Connection strings that nothing reads, as mistakes: with a slip in the name the gateway would start, healthy, on an empty database.
    /// Names of others are left alone where the database is set.
    /// </summary>
    public static IEnumerable<string> StoreMistakes(IConfiguration configuration)
    {
        foreach (var (name, meant) in FindAny(configuration))
        {
            if (meant is not null && (IsOfStore(name) || IsOfStore(meant)))
            {
                yield return $"{name}: unknown setting. Did you mean {meant}?";
            }
            else if (meant is null && IsOfStore(name) && !StorageExtensions.UsesPostgres(configuration))
            {
                yield return $"{name}: unknown setting. The gateway reads {StorageExtensions.PostgresKey} and {HotStoreConnection.SettingName}.";
            }
        }
    }

    private static bool IsOfStore(string name) => StoreSections.Contains(name.Split(ConfigurationPath.KeyDelimiter)[0], StringComparer.OrdinalIgnoreCase);

    /// <param name="path">Of the section, as our own names write it; empty for the whole.</param>
    /// <param name="shared">Sections in which strangers may have settings.</param>
    private static IEnumerable<(string Name, string? Meant)> Find(IConfiguration section, string path, string[] shared)
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
                foreach (var found in Others.Contains(name) && path.Length == 0 ? [] : Find(written, Join(path, name), shared))
                {
                    yield return found;
                }

                continue;
            }

            var meant = path.Length == 0 && Joined(written.Key) is { } joined ? joined
                : NameSuggestion.Nearest(written.Key, path.Length > 0 ? known : written.GetChildren().Any() ? known : Single);
            if (meant is not null || !shared.Contains(path))
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

    /// <summary>The setting that was written with something else between its parts, as with one underscore for two: <c>CONNECTIONSTRINGS_POSTGRES</c>.</summary>
    private static string? Joined(string written)
    {
        var letters = Letters(written);
        return letters.Length < written.Length && ByLetters.Value.TryGetValue(letters, out var name) ? name : null;
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsLetterOrDigit));

    private static string Join(string path, string name) => path.Length == 0 ? name : ConfigurationPath.Combine(path, name);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Unknown setting {Name} has no effect; did you mean {Meant}?", EventName = "SettingMisspelt")]
        public static partial void Misspelt(ILogger logger, string name, string meant);

        [LoggerMessage(2, LogLevel.Warning, "Unknown setting {Name} has no effect; docs/configuration.md lists every setting", EventName = "SettingUnknown")]
        public static partial void Unknown(ILogger logger, string name);
    }
}
