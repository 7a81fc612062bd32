using Serilog;
using Serilog.Events;

namespace MixGateway.Diagnostics;

/// <summary>
/// The <c>Serilog</c> section, apart: levels, filters and enrichers for the whole log, and sinks, which stand behind the
/// <see cref="RedactingSink"/>. A level that does not exist would end the process before all mistakes can be told at once.
/// </summary>
internal sealed class LogSettings
{
    private const string Section = "Serilog";
    private const string Level = Section + ":MinimumLevel";

    /// <summary>What Serilog.AspNetCore brings, and Serilog's own combinations.</summary>
    private static readonly string[] Sinks = ["Console", "File", "Debug", "Logger", "Conditional", "Fallback", "FallbackChain"];

    private static readonly string[] SinkSections = ["WriteTo", "AuditTo"];

    private readonly IConfiguration _levels;
    private readonly IConfiguration? _sinks;
    private readonly List<string> _mistakes;

    public LogSettings(IConfiguration configuration)
    {
        _mistakes = [.. LevelMistakes(configuration), .. SinkMistakes(configuration)];
        var written = configuration.GetSection(Section).AsEnumerable().Where(static setting => setting.Value is not null).ToArray();
        _levels = Of(written.Where(static setting => !IsOfSink(setting.Key)));
        _sinks = written.Any(static setting => IsOfSink(setting.Key)) ? Of(written.Where(static setting => !setting.Key.StartsWith(Level, StringComparison.OrdinalIgnoreCase))) : null;
    }

    /// <summary>One line for each; complete once the log is made.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    /// <summary>Levels, filters, enrichers.</summary>
    public void Configure(LoggerConfiguration log) => Try(() => log.ReadFrom.Configuration(_levels));

    /// <summary>The sinks of the section, if it has any.</summary>
    public void ConfigureSinks(LoggerConfiguration log, Redactor redactor)
    {
        if (_sinks is not null)
        {
            Try(() => log.WriteTo.Sink(new RedactingSink(new LoggerConfiguration().MinimumLevel.Verbose().ReadFrom.Configuration(_sinks).CreateLogger(), redactor)));
        }
    }

    private void Try(Action configure)
    {
        if (_mistakes.Count > 0)
        {
            return;
        }

        try
        {
            configure();
        }
        catch (Exception exception)
        {
            // It throws whatever the sink throws that is made with these settings.
            _mistakes.Add($"{Section}: {exception.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
    }

    private static IEnumerable<string> LevelMistakes(IConfiguration configuration)
    {
        var section = configuration.GetSection(Level);
        return from setting in section.GetSection("Override").GetChildren().Append(section.GetSection("Default")).Append(section)
               where setting.Value is { Length: > 0 } level && !Enum.TryParse<LogEventLevel>(level, ignoreCase: true, out _) && !level.StartsWith('$')
               select $"{setting.Path} is \"{setting.Value}\": write one of {string.Join(", ", Enum.GetNames<LogEventLevel>())}.";
    }

    /// <summary>Serilog ignores a sink that it does not find, and the log would be written nowhere.</summary>
    private static IEnumerable<string> SinkMistakes(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        return section.GetSection("Using").Exists() ? []
            : from list in SinkSections
              from sink in section.GetSection(list).GetChildren()
              let name = sink["Name"] ?? sink.Value
              where name is not null && !Sinks.Contains(name, StringComparer.OrdinalIgnoreCase)
              select $"{sink.Path}: this build has no sink {name}; it has Console, File and Debug.";
    }

    private static bool IsOfSink(string path) => Array.Exists(SinkSections, section => path.StartsWith($"{Section}:{section}", StringComparison.OrdinalIgnoreCase));

    private static IConfigurationRoot Of(IEnumerable<KeyValuePair<string, string?>> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
