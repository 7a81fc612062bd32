using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>Says in words why the hot store cannot be used and what to do, from what the client threw: the same reason always in the same words.</summary>
internal static class HotStoreFault
{
    public const string OnlyCopies = "only read-only copies are reachable: name the primary in ConnectionStrings:Redis, or Sentinel with serviceName=…";

    public const string NoWay = "it cannot be reached in time: see its address, the network and firewalls";

    public const string NoAnswer = "it takes connections and does not answer: see its log and its load";

    public const string NotSetUp = "it answers, but a connection cannot be set up: see that its user may use PING and ECHO, and its log";

    public const string Rights = "docs/operations.md lists the commands and keys that the user needs";

    /// <summary>What a server begins its refusal with, and what to do about it; the first that fits.</summary>
    private static readonly (string Sign, string Words)[] Refusals =
    [
        ("WRONGPASS", "the user or the password is wrong (WRONGPASS): correct user= in ConnectionStrings:Redis, or ConnectionStrings:RedisPassword"),
        ("NOAUTH", "it asks for a password (NOAUTH): set ConnectionStrings:RedisPassword"),
        ("READONLY", OnlyCopies),
        ("LOADING", "it is reading its files (LOADING): it will be there by itself"),
        ("MISCONF", "it cannot write its files and refuses changes (MISCONF): make room on its disk, or see its log"),
        ("OOM", "its memory is full and it refuses changes (OOM): give it more (maxmemory)"),
        ("CLUSTERDOWN", "the cluster has slots without a server (CLUSTERDOWN): repair the cluster"),
        ("MASTERDOWN", "it is a copy that has lost its primary (MASTERDOWN)"),
        ("NOREPLICAS", "too few copies follow it, and it refuses changes (NOREPLICAS): bring them back, or lower min-replicas-to-write"),
        ("BUSY", "a script keeps it busy (BUSY)"),
        ("invalid password", "the password is wrong: correct ConnectionStrings:RedisPassword"),
    ];

    /// <summary>True for an answer that says: not this command, or not this key, whenever it is asked.</summary>
    public static bool IsForbidden(Exception exception) => Says(exception, static message =>
        message.StartsWith("NOPERM", StringComparison.Ordinal) || message.StartsWith("ERR unknown", StringComparison.OrdinalIgnoreCase)
        || IsRight(message) || message.Contains("Unknown Redis command", StringComparison.Ordinal));

    /// <summary>True if the number of the database is beyond what the server has.</summary>
    public static bool IsNoSuchDatabase(Exception exception) => Says(exception, static message =>
        message.Contains("DB index is out of range", StringComparison.OrdinalIgnoreCase) || message.Contains("database does not exist", StringComparison.Ordinal) || message.Contains("SELECT is not allowed", StringComparison.OrdinalIgnoreCase)
        || message.Contains("invalid DB index", StringComparison.OrdinalIgnoreCase));

    /// <summary>Something listens, and it is not Redis, or not in this way.</summary>
    public static string NoRedis(bool isTls) => isTls
        ? "what listens on its port does not speak TLS: leave ssl=true (or rediss://) out, or name the port for TLS"
        : "what listens on its port does not speak Redis without TLS: set ssl=true (or rediss://), or correct the port";

    public static string Describe(Exception exception)
    {
        foreach (var one in Chain(exception))
        {
            if (ByServer(one.Message) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var one in Chain(exception))
        {
            switch (one)
            {
                case AuthenticationException:
                    return $"the TLS handshake failed: {OneLine(Chain(one).Last().Message)} Check the certificate and the host name that it is for (sslHost=…), or trust its issuer";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "its host name is not known: correct ConnectionStrings:Redis, or the name service";
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return "nothing listens on its port (connection refused): start it, or correct ConnectionStrings:Redis";
                case SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable }:
                    return "there is no way to its network: see routes and firewalls";
            }
        }

        return exception switch
        {
            RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => "it does not let this user in: correct user= in ConnectionStrings:Redis, and ConnectionStrings:RedisPassword",
            RedisTimeoutException => "it does not answer in time",
            RedisServerException => $"it answers with an error: {OneLine(exception.Message)}",
            _ => HotStoreProbe.Silent.Why,
        };
    }

    private static string? ByServer(string message)
    {
        foreach (var (sign, words) in Refusals)
        {
            if (message.Contains(sign, StringComparison.Ordinal))
            {
                return words;
            }
        }

        return IsRight(message)
            ? $"its user has too few rights ({OneLine(message)}): {Rights}"
            : message.Contains("ERR unknown command", StringComparison.OrdinalIgnoreCase) || message.Contains("Unknown Redis command", StringComparison.Ordinal)
                ? $"a command that calls need was renamed or taken out ({OneLine(message)}): {Rights}"
                : null;
    }

    /// <summary>About what a user may do; from within a script the versions of Redis say it differently.</summary>
    private static bool IsRight(string message) => message.Contains("NOPERM", StringComparison.Ordinal) || message.Contains("ACL failure", StringComparison.Ordinal)
        || message.Contains("permissions to", StringComparison.Ordinal) || message.Contains("can't run this command", StringComparison.Ordinal);

    private static bool Says(Exception exception, Func<string, bool> says) => Chain(exception).Any(one => says(one.Message));

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    /// <summary>An exception and all that it came from, each before its causes.</summary>
    private static IEnumerable<Exception> Chain(Exception exception)
    {
        yield return exception;
        var causes = exception is AggregateException many ? many.InnerExceptions : exception.InnerException is { } one ? (IEnumerable<Exception>)[one] : [];
        foreach (var cause in causes.SelectMany(Chain))
        {
            yield return cause;
        }
    }
}
