using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>What came of running a script.</summary>
/// <param name="Result">The script's answer; null if the store did not give one.</param>
/// <param name="MayHaveRun">Without an answer: true if the script may have run, or may yet run.</param>
/// <param name="IsBroken">The store answers, but the script failed with an error of its own: a mistake in the gateway.</param>
internal readonly record struct ScriptReply(RedisResult? Result, bool MayHaveRun, bool IsBroken = false)
{
    /// <summary>True without an answer, whatever the reason.</summary>
    public bool IsDown => Result is null;

    /// <summary>Why there is no answer.</summary>
    public CallAnswer Failure => IsBroken ? CallAnswer.Broken : CallAnswer.Down;

    public string Text => (string?)Result ?? "";
}

/// <summary>
/// Runs scripts by hash and turns every way in which the store can fail to answer into one outcome. A script that breaks is one of
/// them, and is logged: whoever asked then does what is right without the store, and the background services go on with the rest.
/// </summary>
/// <param name="database">The store; asked anew for each script, so that it may be connected later.</param>
internal sealed partial class ScriptRunner(Func<IDatabase> database, ILogger<ScriptRunner> logger)
{
    private static readonly string[] DownPrefixes =
    [
        "LOADING", "READONLY", "OOM", "MISCONF", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS",
        "NOAUTH", "WRONGPASS", "NOPERM", "UNKILLABLE",
    ];

    /// <summary>Added to the store's clock. No configuration sets it: tests do, which must not wait for a lease.</summary>
    public TimeSpan ClockShift { get; set; }

    /// <summary>
    /// Names the contents of the store; another one when the store may have lost what it had acknowledged. Accounts that were brought
    /// in under another name are read from the database anew before they are used. Empty where that is not asked for.
    /// </summary>
    public string StoreId { get; set; } = "";

    /// <summary>
    /// Names the database whose accounts and calls the store may hold. Scripts that bring something in or take something out leave what is
    /// another's alone. Empty where that is not asked for.
    /// </summary>
    public string DatabaseId { get; set; } = "";

    /// <summary>Runs a script. <paramref name="values"/>[0] is left free for the clock.</summary>
    public async ValueTask<ScriptReply> RunAsync(Script script, RedisKey[] keys, RedisValue[] values)
    {
        values[0] = (long)ClockShift.TotalMilliseconds;
        try
        {
            return new ScriptReply(await EvaluateAsync(script, keys, values).ConfigureAwait(false), true);
        }
        catch (RedisTimeoutException e)
        {
            return new ScriptReply(null, MayHaveRun(e.Commandstatus));
        }
        catch (RedisConnectionException e)
        {
            return new ScriptReply(null, MayHaveRun(e.CommandStatus));
        }
        catch (RedisServerException e) when (IsDown(e))
        {
            return new ScriptReply(null, false);
        }
        catch (RedisServerException e)
        {
            Log.Broken(logger, e, script.Name);
            return new ScriptReply(null, true, IsBroken: true);
        }
        catch (ObjectDisposedException)
        {
            return new ScriptReply(null, true);
        }
    }

    /// <summary>True for what the client throws when the store cannot be asked now.</summary>
    public static bool IsAway(Exception exception) => exception is RedisConnectionException or RedisTimeoutException or ObjectDisposedException
        || (exception is RedisServerException server && IsDown(server));

    /// <summary>Runs a script and lets through whatever the store or the client has against it.</summary>
    public async ValueTask<RedisResult> EvaluateAsync(Script script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database().ScriptEvaluateAsync(script.Hash, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A restarted server, or another node of a cluster: this overload sends the text.
            return await database().ScriptEvaluateAsync(script.Text, keys, values).ConfigureAwait(false);
        }
    }

    private static bool MayHaveRun(CommandStatus status) =>
        status is not (CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog);

    /// <summary>Also what it does not permit: whoever looks at the store says which command that is, and takes no calls.</summary>
    private static bool IsDown(RedisServerException exception) =>
        Array.Exists(DownPrefixes, prefix => exception.Message.StartsWith(prefix, StringComparison.Ordinal)) || HotStoreFault.IsForbidden(exception);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The script {Script} failed in the hot store with an error of its own, a mistake in the gateway; the store itself answers", EventName = "ScriptBroken")]
        public static partial void Broken(ILogger logger, Exception exception, string script);
    }
}
