using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>Does at the store what a call needs, so that a gateway which says that it is ready is: by the same ways, under the same user.</summary>
internal sealed partial class HotStoreCheck(HotStoreConnection connection, ScriptRunner runner)
{
    private int _shard;

    /// <summary>Another shard each time, so that every server of a cluster has its turn.</summary>
    /// <returns>Why no call can run, or null.</returns>
    public async Task<string?> RunAsync()
    {
        var keys = AccountShard.CheckKeys(_shard);
        _shard = (_shard + 1) % AccountShard.Count;
        try
        {
            var script = runner.EvaluateAsync(Script.Check, keys, [(RedisValue)0L]);
            var fields = connection.Database.HashGetAllAsync(keys[1]);
            var field = connection.Database.HashGetAsync(keys[1], "#");
            await script.ConfigureAwait(false);
            await Task.WhenAll(fields, field).ConfigureAwait(false);
            return null;
        }
        catch (RedisServerException e) when (HotStoreFault.IsForbidden(e) && CommandAt(e.Message) is { } command)
        {
            return $"its user may not use {command} in scripts, or the command was renamed: {HotStoreFault.Rights}";
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException or ObjectDisposedException)
        {
            return HotStoreFault.Describe(e);
        }
    }

    /// <summary>Redis names the line of the script, not the command, and each command has a line of its own.</summary>
    private static string? CommandAt(string message)
    {
        var line = Line().Match(message);
        var lines = Script.Check.Text.Split('\n');
        return line.Success && int.TryParse(line.Groups[1].Value, out var number) && number <= lines.Length && Command().Match(lines[number - 1]) is { Success: true } command
            ? command.Groups[1].Value
            : null;
    }

    [GeneratedRegex("user_script:([0-9]{1,4})")]
    private static partial Regex Line();

    [GeneratedRegex(@"redis\.call\('([A-Z]+)'")]
    private static partial Regex Command();
}
