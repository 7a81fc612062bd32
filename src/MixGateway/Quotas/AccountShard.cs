using System.Globalization;
using System.IO.Hashing;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>
/// Which shard an account belongs to, and the names of the keys there. All keys of a shard share one hash tag,
/// so that every script finds its keys on one node of a cluster.
/// </summary>
internal static class AccountShard
{
    public const int Count = 64;

    private static readonly RedisKey[][] ShardKeys = CreateShardKeys();

    /// <summary>Where the store keeps the name of its contents.</summary>
    public static readonly RedisKey[] IdKey = ["mg:{s00}:id"];

    /// <summary>Keys of the script that asks for the name: it, the calls whose owner is the store's, and what one gateway leaves there.</summary>
    public static RedisKey[] IdentityKeys(string gateway) => [IdKey[0], ShardKeys[0][1], "mg:{s00}:seen:" + gateway];

    /// <summary>Keys of a shard that hold nothing: what the store permits is tried out on them.</summary>
    public static RedisKey[] CheckKeys(int shard)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"mg:{{s{shard:00}}}:check:");
        return [tag + "text", tag + "hash", tag + "set"];
    }

    /// <summary>XxHash32 of the id's 16 bytes in big-endian order, modulo <see cref="Count"/>: the same in every process and language.</summary>
    public static int Of(Guid accountId)
    {
        Span<byte> bytes = stackalloc byte[16];
        accountId.TryWriteBytes(bytes, bigEndian: true, out _);
        return (int)(XxHash32.HashToUInt32(bytes) % Count);
    }

    /// <summary>Keys of scripts about one account: account, calls, due. Made once a call and kept with it.</summary>
    public static RedisKey[] KeysOf(Guid accountId)
    {
        var shard = Of(accountId);
        var account = string.Create(CultureInfo.InvariantCulture, $"mg:{{s{shard:00}}}:a:{accountId:N}");
        return [account, ShardKeys[shard][1], ShardKeys[shard][2]];
    }

    /// <summary>Keys of scripts about a whole shard: time of the last sweep, calls, due. Shared: never write to it.</summary>
    public static RedisKey[] KeysOf(int shard) => ShardKeys[shard];

    private static RedisKey[][] CreateShardKeys()
    {
        var keys = new RedisKey[Count][];
        for (var shard = 0; shard < Count; shard++)
        {
            var tag = string.Create(CultureInfo.InvariantCulture, $"mg:{{s{shard:00}}}:");
            keys[shard] = [tag + "swept", tag + "calls", tag + "due"];
        }

        return keys;
    }
}
