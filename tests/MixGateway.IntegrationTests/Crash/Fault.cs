namespace MixGateway.IntegrationTests.Crash;

/// <summary>What happens to the servers in one round, while callers call.</summary>
internal enum Fault
{
    /// <summary>kill -9 of one replica, which is started again at once.</summary>
    GatewayKilled,

    /// <summary>kill -9 of all replicas.</summary>
    EveryGatewayKilled,

    /// <summary>A replica gets no processor for longer than its lease.</summary>
    GatewayPaused,

    /// <summary>kill -9 of Redis, and its start some time later.</summary>
    RedisKilled,

    /// <summary>Redis keeps its connections and does not answer.</summary>
    RedisPaused,

    /// <summary>FLUSHALL: the hot store forgets everything.</summary>
    RedisFlushed,

    /// <summary>The end of the append-only file is lost with Redis.</summary>
    RedisTailCut,

    /// <summary>Redis dies, and a copy of it that has fallen behind takes over at the same address.</summary>
    RedisFailedOver,

    /// <summary>PostgreSQL is gone for longer than every time-out, lease and grace.</summary>
    DatabaseStopped,

    /// <summary>A replica dies, and what it settled is in the hot store alone.</summary>
    GatewayKilledWithoutDatabase,

    /// <summary>For a moment there is no store at all.</summary>
    RedisKilledWithoutDatabase,
}

/// <summary>Which faults a run goes through: each as often as the others, in an order that the seed decides.</summary>
internal static class FaultPlan
{
    public static IEnumerable<Fault> Of(Random random, int rounds)
    {
        var faults = Enum.GetValues<Fault>();
        for (var round = 0; round < rounds; round++)
        {
            if (round % faults.Length == 0)
            {
                random.Shuffle(faults);
            }

            yield return faults[round % faults.Length];
        }
    }
}
