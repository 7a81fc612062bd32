using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>Why new calls are refused with 503 for the store's sake.</summary>
internal enum HotStoreClosure
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>It does not answer.</summary>
    Silent,

    /// <summary>Its memory is nearly used up; what is left is for calls that already run.</summary>
    Memory,

    /// <summary><c>Quotas:MaxPending</c> calls run or wait for the database.</summary>
    Pending,

    /// <summary>Gateways on the same database may work with another hot store: what it holds is not known here.</summary>
    Unshared,

    /// <summary>It holds the calls of another database.</summary>
    Foreign,
}

/// <summary>The state of the hot store as it was last seen. Reading it costs nothing.</summary>
internal sealed class HotStoreStatus(IOptions<QuotasOptions> options)
{
    /// <summary>The share of its memory from which the store takes no new calls.</summary>
    public const double MemoryLimit = 0.8;

    private readonly long[] _callsByShard = new long[AccountShard.Count];
    private volatile bool _answers;

    /// <summary>Those of the last look that was answered. The client tells of a lost connection by an event, which on a busy machine comes after the next command has found another server.</summary>
    private volatile IServer[] _primaries = [];
    private volatile bool _isFull;
    private volatile bool _isUnshared;
    private volatile bool _isForeign;
    private volatile string _why = HotStoreProbe.Silent.Why;
    private volatile string _notPermitted = "";
    private volatile HotStoreKind _kind = HotStoreKind.Volatile;
    private long _calls;
    private long _abandoned;
    private double _memoryUsed;
    private long _answersSince;
    private int _losses;

    /// <summary>How often the connection broke: what was seen across such a moment does not count.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>Durable or volatile. Volatile until the store has said otherwise: trusting it less is always right.</summary>
    public HotStoreKind Kind => AreThere() ? _kind : HotStoreKind.Volatile;

    public bool Answers => _answers && AreThere();

    /// <summary>For how long it has answered; zero while it does not.</summary>
    public TimeSpan AnswersFor => _answers ? TimeSpan.FromMilliseconds(Environment.TickCount64 - Interlocked.Read(ref _answersSince)) : TimeSpan.Zero;

    /// <summary>True as long as it is not known that every gateway on the database works with this store.</summary>
    public bool IsUnshared
    {
        get => _isUnshared;
        set => _isUnshared = value;
    }

    /// <summary>True while it holds what is another database's: nothing of it is touched.</summary>
    public bool IsForeign => _isForeign;

    /// <summary>Why it does not answer, or why it is durable or volatile; in words.</summary>
    public string Why => _why;

    /// <summary>What it does not permit, and what that costs; empty if nothing is missing.</summary>
    public string NotPermitted => _notPermitted;

    /// <summary>Calls that run or wait for the database, over all shards, as the last sweep counted them.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Of the fullest server, from 0 to 1.</summary>
    public double MemoryUsed => Volatile.Read(ref _memoryUsed);

    /// <summary>Calls that this replica has found dead since its start.</summary>
    public long Abandoned => Interlocked.Read(ref _abandoned);

    public HotStoreClosure Closure =>
        _isForeign ? HotStoreClosure.Foreign
        : !Answers ? HotStoreClosure.Silent
        : _isUnshared ? HotStoreClosure.Unshared
        : _isFull ? HotStoreClosure.Memory
        : Calls >= options.Value.MaxPending ? HotStoreClosure.Pending
        : HotStoreClosure.None;

    /// <summary>Takes over what a look at the store found.</summary>
    public void See(in HotStoreProbe probe)
    {
        if (probe.Answers && !_answers)
        {
            Interlocked.Exchange(ref _answersSince, Environment.TickCount64);
        }

        _why = probe.Why;
        _notPermitted = probe.NotPermitted;
        _isForeign = probe.IsForeign;
        _isFull = probe.MemoryUsed >= MemoryLimit;
        _kind = probe.Kind ?? HotStoreKind.Volatile;
        Volatile.Write(ref _memoryUsed, probe.MemoryUsed);
        if (probe.Answers)
        {
            _primaries = probe.Primaries;
        }

        _answers = probe.Answers;
    }

    /// <summary>One more call was declared dead.</summary>
    public void CountAbandoned() => Interlocked.Increment(ref _abandoned);

    /// <summary>The connection broke: whatever is behind the next one has to be looked at before calls are taken, or what it settles is trusted.</summary>
    public void Lose()
    {
        Interlocked.Increment(ref _losses);
        _answers = false;
        _kind = HotStoreKind.Volatile;
    }

    /// <summary>Takes over how many calls a sweep found in a shard.</summary>
    public void Count(int shard, long calls)
    {
        var before = Interlocked.Exchange(ref _callsByShard[shard], calls);
        Interlocked.Add(ref _calls, calls - before);
    }

    private bool AreThere()
    {
        foreach (var primary in _primaries)
        {
            if (!primary.IsConnected || primary.IsReplica)
            {
                return false;
            }
        }

        return true;
    }
}
