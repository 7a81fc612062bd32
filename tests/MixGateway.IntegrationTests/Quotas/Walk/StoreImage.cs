using StackExchange.Redis;

namespace MixGateway.IntegrationTests.Quotas.Walk;

/// <summary>Everything the store had of one account and its shard at one moment: what a lagging replica would come up with.</summary>
internal sealed record StoreImage(HashEntry[] Account, HashEntry[] Calls, SortedSetEntry[] Due, RedisValue Swept)
{
    /// <param name="keys">Account, calls, due, swept.</param>
    public static async Task<StoreImage> TakeAsync(IDatabase database, RedisKey[] keys) => new(
        await database.HashGetAllAsync(keys[0]),
        await database.HashGetAllAsync(keys[1]),
        await database.SortedSetRangeByScoreWithScoresAsync(keys[2]),
        await database.StringGetAsync(keys[3]));

    public async Task RestoreAsync(IDatabase database, RedisKey[] keys)
    {
        await database.KeyDeleteAsync(keys);
        if (Account.Length > 0)
        {
            await database.HashSetAsync(keys[0], Account);
        }

        if (Calls.Length > 0)
        {
            await database.HashSetAsync(keys[1], Calls);
        }

        if (Due.Length > 0)
        {
            await database.SortedSetAddAsync(keys[2], Due);
        }

        if (!Swept.IsNull)
        {
            await database.StringSetAsync(keys[3], Swept);
        }
    }
}
