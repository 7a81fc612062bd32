using System.Security.Cryptography;
using MixGateway.Storage;

namespace MixGateway.Quotas;

/// <summary>
/// Keeps the name of the hot store's contents, and whose they are. Redis keeps both itself. The name is bound to the servers that run: after a
/// flush, a restart or a failover, in which it may have lost what it had acknowledged, the first gateway that notices gives it a new one.
/// Where the servers do not say which run they are in, each gateway that starts or lost its connection gives a new one, and so does one that
/// does not find what it left there.
/// </summary>
internal sealed partial class HotStoreIdentity(HotStoreConnection connection, ScriptRunner runner, DatabaseIdentity database, ILogger<HotStoreIdentity> logger)
{
    private const string ForeignMark = "foreign|";

    /// <summary>Of the embedded store, which lives as long as this process.</summary>
    private readonly string _ours = NewName();

    private readonly string _gateway = NewName();
    private string _left = "";
    private int? _losses;

    /// <summary>Says whose contents the scripts may touch, before anything asks for any.</summary>
    public void Begin() => runner.DatabaseId = database.Text;

    /// <summary>Asks for the name, before anything else is asked of the servers that a look has found.</summary>
    /// <param name="losses">How often the connection had broken before that look.</param>
    /// <returns>What the look found, or why nothing may be asked of the store.</returns>
    public async Task<HotStoreProbe> AskAsync(HotStoreProbe probe, int losses)
    {
        var name = _ours;
        if (connection.Embedded is null)
        {
            var leaves = probe.HidesRuns ? NewName() : "";
            var isReplaced = probe.HidesRuns && _losses != losses;
            var reply = await runner.RunAsync(
                Script.Identify, AccountShard.IdentityKeys(_gateway), [default, probe.Runs, NewName(), database.Text, _left, leaves, isReplaced]).ConfigureAwait(false);
            if (reply.IsDown)
            {
                return HotStoreProbe.Silent;
            }

            name = reply.Text;
            if (name.StartsWith(ForeignMark, StringComparison.Ordinal))
            {
                return probe.ClosedBecause(Foreign(name[ForeignMark.Length..])) with { IsForeign = true };
            }

            (_left, _losses) = (leaves, losses);
        }

        if (runner.StoreId != name)
        {
            if (runner.StoreId.Length > 0)
            {
                Log.Changed(logger, runner.StoreId, name);
            }

            runner.StoreId = name;
        }

        return probe;
    }

    private static string NewName() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    private string Foreign(string owner) =>
        $"{connection.Description} holds the calls of another database (its id is {owner}, this gateway's is {database.Text}). Set {QuotasOptions.KeyPrefixName} to let several installations "
        + $"share one Redis, or give this gateway a Redis of its own ({HotStoreConnection.SettingName}). If the other database is gone for good, delete its keys first: docs/operations.md says how";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The hot store was restarted, emptied or replaced ({Before} is now {After}): accounts and keys are read from the database again as they are used", EventName = "HotStoreChanged")]
        public static partial void Changed(ILogger logger, string before, string after);
    }
}
