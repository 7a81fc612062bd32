using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>
/// The servers that the store is written to now. Others in the connection string may be copies, or dead: after a failover the former primary
/// is of no concern, or the gateway would wait for it with all calls.
/// </summary>
internal static class HotStorePrimaries
{
    /// <returns>None if there is no server to write to, or not one for every shard.</returns>
    public static List<IServer> Of(IConnectionMultiplexer multiplexer)
    {
        var servers = multiplexer.GetServers();
        foreach (var server in servers)
        {
            if (server is { IsConnected: true, ServerType: ServerType.Cluster, ClusterConfiguration: { } cluster })
            {
                return OfShards(multiplexer, cluster);
            }
        }

        List<IServer> primaries = [];
        foreach (var server in servers)
        {
            if (server is { IsConnected: true, IsReplica: false })
            {
                primaries.Add(server);
            }
        }

        return primaries;
    }

    private static List<IServer> OfShards(IConnectionMultiplexer multiplexer, ClusterConfiguration cluster)
    {
        Dictionary<string, IServer> primaries = [];
        for (var shard = 0; shard < AccountShard.Count; shard++)
        {
            if (cluster.GetBySlot(AccountShard.KeysOf(shard)[0]) is not { EndPoint: { } endPoint } node
                || multiplexer.GetServer(endPoint) is not { IsConnected: true } server)
            {
                return [];
            }

            primaries[node.NodeId] = server;
        }

        return [.. primaries.Values];
    }
}
