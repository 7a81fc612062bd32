using System.Security.Cryptography;

namespace MixGateway.Quotas;

/// <summary>
/// Keeps the name of the hot store's contents. Redis keeps it itself, bound to the servers that run: after a flush, a restart or a
/// failover, in which it may have lost what it had acknowledged, the first gateway that notices gives it a new one.
/// </summary>
internal sealed partial class HotStoreIdentity(HotStoreConnection connection, ScriptRunner runner, ILogger<HotStoreIdentity> logger)
{
    /// <summary>Of the embedded store, which lives as long as this process.</summary>
    private readonly string _ours = NewName();

    /// <summary>Asks for the name, before anything else is asked of the servers that a look has found.</summary>
    /// <returns>False if the store does not answer.</returns>
    public async Task<bool> AskAsync(HotStoreProbe probe)
    {
        var name = _ours;
        if (connection.Embedded is null)
        {
            var reply = await runner.RunAsync(Script.Identify, AccountShard.IdKey, [default, probe.Runs, NewName()]).ConfigureAwait(false);
            if (reply.IsDown)
            {
                return false;
            }

            name = reply.Text;
        }

        if (runner.StoreId != name)
        {
            if (runner.StoreId.Length > 0)
            {
                Log.Changed(logger, runner.StoreId, name);
            }

            runner.StoreId = name;
        }

        return true;
    }

    private static string NewName() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The hot store was restarted, emptied or replaced ({Before} is now {After}): accounts and keys are read from the database again as they are used", EventName = "HotStoreChanged")]
        public static partial void Changed(ILogger logger, string before, string after);
    }
}
