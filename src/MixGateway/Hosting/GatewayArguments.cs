using Microsoft.Extensions.Configuration.CommandLine;
using MixGateway.Catalog;
using MixGateway.Diagnostics;

namespace MixGateway.Hosting;

/// <summary>What the process is to do.</summary>
internal enum Command
{
    Run,
    Help,
    Version,
    Check,
    Migrate,
    Health,
}

/// <summary>
/// The arguments: at most one command, and settings. What is neither is refused: a slip in a setting's name would otherwise start a
/// gateway without it.
/// </summary>
/// <param name="Settings">Each as <c>--Section:Key=value</c>.</param>
/// <param name="Mistakes">One line for each argument that cannot be used.</param>
internal sealed record GatewayArguments(Command Command, string[] Settings, IReadOnlyList<string> Mistakes)
{
    private static readonly Dictionary<string, Command> Commands = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--help"] = Command.Help,
        ["-h"] = Command.Help,
        ["-?"] = Command.Help,
        ["--version"] = Command.Version,
        ["--check"] = Command.Check,
        ["--migrate"] = Command.Migrate,
        [HealthSwitch.Name] = Command.Health,
    };

    /// <summary>Sections and settings of ASP.NET Core and its parts that are read by others than us.</summary>
    private static readonly string[] Foreign =
        ["Kestrel", "Serilog", "Logging", "AllowedHosts", "contentRoot", "applicationName", "webRoot", "http_ports", "https_ports", "hostBuilder", "detailedErrors"];

    /// <summary>What stands there and is not ours leads nowhere, and the gateway would start on an empty database.</summary>
    private const string StoreSection = "ConnectionStrings";

    public static GatewayArguments Parse(string[] args)
    {
        List<Command> commands = [];
        List<string> settings = [];
        List<string> mistakes = [];
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = Split(args[i]);
            if (Commands.TryGetValue(name, out var command))
            {
                commands.Add(command);
                if (value is not null)
                {
                    mistakes.Add($"{name} takes no value.");
                }
            }
            else if (!IsSetting(args[i], name) || MistakeIn(name[2..]) is { Length: > 0 })
            {
                mistakes.Add(IsSetting(args[i], name) ? MistakeIn(name[2..])! : Unknown(args[i]));
                i += value is null && HasValue(args, i) ? 1 : 0;
            }
            else if (value is null && !HasValue(args, i))
            {
                mistakes.Add($"{name} has no value. Write {name}=value.");
            }
            else
            {
                settings.Add($"{name}={value ?? args[++i]}");
            }
        }

        if (commands.Distinct().Count() > 1 && !commands.Contains(Command.Help))
        {
            mistakes.Add("More than one command is given. Give one of --check, --migrate, --health and --version.");
        }

        return new GatewayArguments(commands.Contains(Command.Help) ? Command.Help : commands.FirstOrDefault(), [.. settings], mistakes);
    }

    /// <summary>As ASP.NET Core takes them: <c>--key=value</c>, <c>--key value</c>, <c>/key=value</c>, <c>key=value</c>.</summary>
    private static (string Name, string? Value) Split(string arg)
    {
        var end = arg.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? arg : arg[..end];
        if (end > 0)
        {
            name = name.StartsWith("--", StringComparison.Ordinal) ? name : "--" + name.TrimStart('/');
        }

        return (name, end < 0 ? null : arg[(end + 1)..]);
    }

    private static bool IsSetting(string arg, string name) => name.Length > 2 && name.StartsWith("--", StringComparison.Ordinal) && !arg.StartsWith('=');

    private static bool HasValue(string[] args, int index) => index + 1 < args.Length && !args[index + 1].StartsWith("--", StringComparison.Ordinal);

    /// <summary>Null for a setting that exists.</summary>
    private static string? MistakeIn(string key)
    {
        var first = key.Split(ConfigurationPath.KeyDelimiter)[0];
        if (Foreign.Contains(first, StringComparer.OrdinalIgnoreCase) || key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var given = new CommandLineConfigurationProvider([$"--{key}=x"]);
        var configuration = new ConfigurationRoot([given]);
        foreach (var (name, meant) in UnknownSettings.FindAny(configuration))
        {
            if (meant is not null)
            {
                return $"--{name}: unknown setting. Did you mean --{meant}?";
            }

            // Of an unknown entry of a section of ours the log warns, as it does wherever one is set: it may be another version's.
            return IsSection(first) ? null : Unknown("--" + key);
        }

        return null;
    }

    private static bool IsSection(string name) =>
        !name.Equals(StoreSection, StringComparison.OrdinalIgnoreCase)
        && KnownSettings.All.Any(known => known.StartsWith(name + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase));

    private static string Unknown(string arg) =>
        NameSuggestion.Nearest(arg, Commands.Keys.Where(static name => name.Length > 2)) is { } meant
            ? $"{arg}: unknown switch. Did you mean {meant}?"
            : $"{arg}: unknown switch or setting. --help lists the switches, docs/configuration.md the settings.";
}
