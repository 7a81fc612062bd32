using System.Globalization;
using MixGateway.Storage;

namespace MixGateway.Hosting;

/// <summary>
/// The limit of open files (RLIMIT_NOFILE), and how many connections fit below it. Where files run out, the runtime cannot load its own
/// code and the process aborts, so connections are refused before that.
/// </summary>
internal static class OpenFiles
{
    /// <summary>Measured: 435 with embedded stores, two for each of the program's own files.</summary>
    public const int Idle = 450;

    /// <summary>From here on nobody needs to be told.</summary>
    public const int Plenty = 2000;

    /// <summary>Idle, and what is loaded later: the console's pages, mail, payments.</summary>
    private const int Own = 500;

    /// <summary>Of the pool to PostgreSQL, when all of it is in use.</summary>
    private const int Database = 100;

    /// <summary>A call has its caller's connection and one to the provider.</summary>
    private const int PerConnection = 2;

    private const int FewestConnections = 16;

    /// <summary>With fewer the process does not start.</summary>
    public const int Least = Own + (PerConnection * FewestConnections);

    public const string HowToRaise = "Set it to 65536: LimitNOFILE=65536 in systemd, --ulimit nofile=65536 in Docker, ulimit -n 65536 in a shell.";

    private const string Limits = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>Null where the system does not tell, or sets none. The runtime has raised the soft limit to the hard one.</summary>
    public static long? Limit { get; } = Read();

    /// <summary>How many connections are served at a time; null for any number.</summary>
    public static long? Connections(IConfiguration configuration) => Connections(Limit, StorageExtensions.UsesPostgres(configuration));

    internal static long? Connections(long? limit, bool usesPostgres) =>
        limit is { } files ? Math.Max(FewestConnections, (files - Own - (usesPostgres ? Database : 0)) / PerConnection) : null;

    private static long? Read()
    {
        try
        {
            var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(static line => line.StartsWith(Line, StringComparison.Ordinal)) : null;
            return long.TryParse(line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
