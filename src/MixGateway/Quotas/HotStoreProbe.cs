using System.Globalization;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>What one look at the store found.</summary>
/// <param name="Answers">Every server that it is written to answers.</param>
/// <param name="Kind">Durable or volatile; null if it does not answer.</param>
/// <param name="Why">In words for the log.</param>
/// <param name="MemoryUsed">Of the fullest server, from 0 to 1; 0 where there is no limit.</param>
/// <param name="Runs">Names the running servers: it changes when one was restarted, or another took its place.</param>
internal readonly record struct HotStoreProbe(bool Answers, HotStoreKind? Kind, string Why, double MemoryUsed, string Runs = "")
{
    private const string NoInfo =
        "INFO is not permitted, so how full its memory is cannot be seen, and its contents count as replaced after each lost connection and each start of a gateway: accounts are then read from the database again";

    public static readonly HotStoreProbe Silent = new(false, null, "it does not answer", 0);

    /// <summary>True if a server does not say which run of it this is: nobody can tell whether it was restarted.</summary>
    public bool HidesRuns { get; init; }

    /// <summary>What the store does not permit, and what that costs; empty if nothing is missing.</summary>
    public string NotPermitted { get; init; } = "";

    /// <summary>The servers that answered.</summary>
    public IServer[] Primaries { get; init; } = [];

    /// <summary>True if the contents are those of another database.</summary>
    public bool IsForeign { get; init; }

    public static HotStoreProbe SilentBecause(string why) => Silent with { Why = why };

    /// <summary>It answers this look, and calls would not be able to use it all the same.</summary>
    public HotStoreProbe ClosedBecause(string why) => this with { Answers = false, Kind = null, Why = why };

    /// <summary>Asks every primary of the store for its memory and for what decides its durability.</summary>
    public static async Task<HotStoreProbe> LookAsync(HotStoreConnection connection, QuotasOptions options)
    {
        try
        {
            var kind = HotStoreKind.Durable;
            var why = "every write is in the append-only file before it is answered, and nothing is evicted";
            var memory = 0d;
            List<string> runs = [];
            var isHidden = false;
            var primaries = HotStorePrimaries.Of(connection.Multiplexer);
            foreach (var server in primaries)
            {
                var info = await InfoAsync(server).ConfigureAwait(false);
                memory = Math.Max(memory, connection.Embedded is { } embedded ? EmbeddedMemory(info, embedded) : RedisMemory(info));
                var run = Text(info, "run_id:");
                isHidden |= run.Length == 0;
                runs.Add(run);
                if (connection.Embedded is null && options.HotStore is HotStoreKind.Auto && await WhyVolatileAsync(server).ConfigureAwait(false) is { } reason)
                {
                    (kind, why) = (HotStoreKind.Volatile, reason);
                }
            }

            if (connection.Embedded is not null)
            {
                (kind, why) = (HotStoreKind.Volatile, "it is in this process and keeps nothing on disk");
            }
            else if (options.HotStore is not HotStoreKind.Auto)
            {
                (kind, why) = (options.HotStore, "Quotas:HotStore says so");
            }

            runs.Sort(StringComparer.Ordinal);
            isHidden &= connection.Embedded is null;
            return primaries.Count == 0
                ? Silent
                : new HotStoreProbe(true, kind, why, memory, string.Join(',', runs)) { HidesRuns = isHidden, NotPermitted = isHidden ? NoInfo : "", Primaries = [.. primaries] };
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or ObjectDisposedException)
        {
            return SilentBecause(HotStoreFault.Describe(e));
        }
    }

    private static async Task<string?> WhyVolatileAsync(IServer server)
    {
        try
        {
            var appendOnly = await ConfiguredAsync(server, "appendonly").ConfigureAwait(false);
            var fsync = await ConfiguredAsync(server, "appendfsync").ConfigureAwait(false);
            var policy = await ConfiguredAsync(server, "maxmemory-policy").ConfigureAwait(false);
            return appendOnly == "yes" && fsync == "always" && policy == "noeviction"
                ? null
                : $"appendonly is {appendOnly}, appendfsync is {fsync}, maxmemory-policy is {policy}; yes, always and noeviction make it durable";
        }
        catch (RedisServerException e) when (!ScriptRunner.IsAway(e) || HotStoreFault.IsForbidden(e))
        {
            return "it does not permit CONFIG GET, so every answer's end waits for the database; if it is durable, set Quotas:HotStore to Durable";
        }
    }

    private static async Task<string> ConfiguredAsync(IServer server, string name)
    {
        var found = await server.ConfigGetAsync(name).ConfigureAwait(false);
        return found.Length == 0 ? "unknown" : found[0].Value;
    }

    /// <summary>All that the server tells of itself; nothing where it is not permitted to ask.</summary>
    private static async Task<string> InfoAsync(IServer server)
    {
        try
        {
            return await server.InfoRawAsync().ConfigureAwait(false) ?? "";
        }
        catch (RedisServerException e) when (HotStoreFault.IsForbidden(e))
        {
            return "";
        }
    }

    private static double RedisMemory(string info)
    {
        var limit = Number(info, "\nmaxmemory:");
        return limit > 0 ? (double)Number(info, "\nused_memory:") / limit : 0;
    }

    private static double EmbeddedMemory(string info, EmbeddedGarnet embedded) =>
        (double)Number(info, "store_mainlog_memory_size:") / embedded.Memory;

    private static string Text(string info, string name)
    {
        var start = info.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
        {
            return "";
        }

        var value = info.AsSpan(start + name.Length);
        var end = value.IndexOfAny('\r', '\n');
        return (end < 0 ? value : value[..end]).ToString();
    }

    private static long Number(string text, string name)
    {
        var start = text.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
        {
            return 0;
        }

        var digits = text.AsSpan(start + name.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return long.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
    }
}
