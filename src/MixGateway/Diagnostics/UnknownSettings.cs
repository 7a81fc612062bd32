using MixGateway.Catalog;

namespace MixGateway.Diagnostics;

/// <summary>Says which names in our sections mean nothing: a slip in a limit's name would otherwise be a limit that is not there.</summary>
internal static partial class UnknownSettings
{
    /// <summary>The catalogue refuses what it does not know by itself, and the others belong to ASP.NET Core and Serilog.</summary>
    private static readonly string[] Others = ["Providers", "Aliases", "Serilog", "ConnectionStrings"];

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
    public static IEnumerable<(string Name, string? Meant)> Find(IConfiguration configuration)
    {
        foreach (var section in KnownSettings.All.Where(static name => name.Contains(':', StringComparison.Ordinal)).GroupBy(static name => name[..name.IndexOf(':', StringComparison.Ordinal)]))
        {
            if (Others.Contains(section.Key))
            {
                continue;
            }

            var known = section.Select(static name => name.Split(':')[1]).Distinct().ToArray();
            foreach (var written in configuration.GetSection(section.Key).GetChildren())
            {
                if (!known.Contains(written.Key, StringComparer.OrdinalIgnoreCase))
                {
                    yield return (written.Path, NameSuggestion.Nearest(written.Key, known) is { } meant ? $"{section.Key}:{meant}" : null);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The setting {Name} is not known and does nothing; did you mean {Meant}?", EventName = "SettingMisspelt")]
        public static partial void Misspelt(ILogger logger, string name, string meant);

        [LoggerMessage(2, LogLevel.Warning, "The setting {Name} is not known and does nothing; docs/configuration.md has all there are", EventName = "SettingUnknown")]
        public static partial void Unknown(ILogger logger, string name);
    }
}
