using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MixGateway.Billing;
using MixGateway.Quotas;
using StackExchange.Redis;

namespace MixGateway.IntegrationTests.Quotas.Walk;

/// <summary>
/// A random walk of three gateways, one account and the real scripts, through lost and late commands, pauses, kills, stores that are
/// down and, if asked for, a store that forgets. All of it follows from one seed; time is the store's clock, moved by the walk.
/// </summary>
internal sealed class CallWalk
{
    public static readonly AmountAnswer DownAmount = new(CallAnswer.Down, Money.Zero);

    private const int LeaseTicks = 12;

    /// <summary>An account that is not used for so long leaves the store.</summary>
    private const int IdleTicks = 16;

    /// <summary>No command is under way for longer: what is late beyond it never comes.</summary>
    private const int LatestTicks = 8;

    private readonly IDatabase _database;
    private readonly bool _forgets;
    private readonly RedisKey[] _keys;
    private readonly List<(long Tick, Func<Task> Command)> _delayed = [];
    private readonly List<(long Tick, StoreImage Image)> _past = [];
    private readonly HashSet<Guid> _doubleFaults = [];
    private readonly WalkGateway[] _gateways;
    private int _gatewaysMade;
    private int _hotDownFor;
    private int _databaseDownFor;
    private int _quietFor;
    private bool _isCalm;
    private bool _hasForgotten;
    private bool _hasLostMemory;
    private int _names;

    public CallWalk(HotStoreClient store, IDatabase database, int seed, int shard, bool forgets, bool isVolatile)
    {
        (Store, _database, _forgets, IsVolatile) = (store, database, forgets, isVolatile);
        Random = new Random(seed);
        var id = NewId();
        while (AccountShard.Of(id) != shard)
        {
            id = NewId();
        }

        Account = new TestAccount(store) { Id = id };
        Rename();
        _keys = [.. AccountShard.KeysOf(id), AccountShard.KeysOf(shard)[0]];
        _gateways = [NewGateway(), NewGateway(), NewGateway()];
    }

    public HotStoreClient Store { get; }

    public TestAccount Account { get; }

    public Random Random { get; }

    public WalkBooks Books { get; } = new(100, 80);

    /// <summary>What callers who saw an answer end are to be charged.</summary>
    public Dictionary<Guid, long> Ended { get; } = [];

    public bool IsVolatile { get; }

    /// <summary>True while nobody begins a call.</summary>
    public bool IsQuiet => _quietFor > 0;

    /// <summary>How often the account left the store, as far as it was told.</summary>
    public int Evicted { get; private set; }

    public long Tick { get; private set; }

    /// <summary>Reads the database and tells the hot store, under the name that its contents had before the reading.</summary>
    public async Task<bool> InstallAsync()
    {
        var name = Store.Runner.StoreId;
        return await HotAsync(async () => await Store.Accounts.InFlightAsync(Account.Id), null) is { } inFlight
            && TryDatabase(() => State(inFlight), out var state)
            && await HotAsync(async () => await Store.Accounts.InstallAsync(state, name), false);
    }

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private AccountState State(IReadOnlyList<Guid> inFlight)
    {
        Account.IsRevoked = Books.IsRevoked;
        Account.KeyLimits = new CallLimits { SpendTotal = new Money(Books.KeyLimit) };
        Account.Limits = new CallLimits { SpendPerDay = new Money(Books.AccountLimit) };
        var charged = new Money(Books.Charged);
        Account.Spent = new Spent(TestAccount.Today, charged, charged, charged);
        return Account.State(Books.Balance, Books.Version, Books.ChangedVersion) with
        {
            Booked = [.. inFlight.Where(Books.Records.ContainsKey).Select(id => new BookedInFlight(id, new Money(Books.Records[id].Charged)))],
        };
    }

    /// <summary>A command to the hot store: it may be lost, come late, or run with its answer lost.</summary>
    public async Task<T> HotAsync<T>(Func<Task<T>> command, T down)
    {
        if (_isCalm)
        {
            return await command();
        }

        if (_hotDownFor > 0)
        {
            return down;
        }

        var die = Random.NextDouble();
        if (die < 0.06)
        {
            if (die < 0.03)
            {
                _delayed.Add((Tick, command));
            }

            return down;
        }

        var answer = await command();
        if (_forgets && Random.Next(8) == 0)
        {
            _past.Add((Tick, await StoreImage.TakeAsync(_database, _keys)));
        }

        return Random.NextDouble() < 0.04 ? down : answer;
    }

    /// <summary>A transaction in the database: it may fail, or be committed with its answer lost.</summary>
    public bool TryDatabase<T>(Func<T> transaction, [MaybeNullWhen(false)] out T result)
    {
        result = default;
        if (!_isCalm && (_databaseDownFor > 0 || Random.NextDouble() < 0.03))
        {
            return false;
        }

        result = transaction();
        return _isCalm || Random.NextDouble() >= 0.03;
    }

    public async Task RunAsync(int steps)
    {
        await _database.KeyDeleteAsync(_keys);
        for (var step = 0; step < steps; step++)
        {
            if (Random.Next(2) == 0)
            {
                Pass();
            }

            await FaultAsync();
            _hotDownFor = Math.Max(0, _hotDownFor - 1);
            _databaseDownFor = Math.Max(0, _databaseDownFor - 1);
            _quietFor = Math.Max(0, _quietFor - 1);
            _delayed.RemoveAll(late => Tick - late.Tick > LatestTicks);
            if (_delayed.Count > 0 && _hotDownFor == 0 && Random.NextDouble() < 0.1)
            {
                var late = _delayed[Random.Next(_delayed.Count)];
                _delayed.Remove(late);
                await late.Command();
            }

            await _gateways[Random.Next(_gateways.Length)].StepAsync();
            if (step % 3 == 0)
            {
                await CheckAsync();
            }
        }

        await QuiesceAsync();
        await CheckTheEndAsync();
    }

    private void Pass()
    {
        Tick++;
        Store.Pass(HotStoreServer.Options.Value.Lease / LeaseTicks);
    }

    private WalkGateway NewGateway() => new(this, ++_gatewaysMade);

    private async Task FaultAsync()
    {
        var die = Random.NextDouble();
        if (die < 0.004)
        {
            _hotDownFor = Random.Next(5, 61);
        }
        else if (die < 0.007)
        {
            _databaseDownFor = Random.Next(5, 201);
        }
        else if (die < 0.012)
        {
            var gateway = _gateways[Random.Next(_gateways.Length)];
            gateway.PausedFor = Random.Next(5, 81);
            Expose(gateway.Out.Keys.Concat(gateway.Won));
        }
        else if (die < 0.016)
        {
            var dead = Random.Next(_gateways.Length);
            Expose(_gateways[dead].Out.Keys);
            _hasLostMemory = true;
            _gateways[dead].IsDead = true;
            _gateways[dead] = NewGateway();
        }
        else if (die < 0.018 && _forgets)
        {
            await ForgetAsync();
        }
        else if (die < 0.03)
        {
            await EditAsync();
        }
        else if (die < 0.0315)
        {
            _quietFor = Random.Next(120, 241);
        }
        else if (die < 0.08)
        {
            var (left, _) = await HotAsync(async () => await Store.Accounts.EvictAsync(Account.Id, HotStoreServer.Options.Value.Lease / LeaseTicks * IdleTicks), default);
            Evicted += (int)left;
        }
    }

    /// <summary>A store that forgets and the gateway that remembers, both gone: the one double fault that may lose a bill.</summary>
    private void Expose(IEnumerable<Guid> calls)
    {
        if (_forgets)
        {
            _doubleFaults.UnionWith(calls);
        }
    }

    /// <summary>A flush, or a failover to a replica that lags.</summary>
    private async Task ForgetAsync()
    {
        var recent = _past.Where(p => p.Tick >= Tick - 2).ToList();
        if (recent.Count > 0 && Random.NextDouble() < 0.7)
        {
            await recent[Random.Next(recent.Count)].Image.RestoreAsync(_database, _keys);
        }
        else
        {
            await _database.KeyDeleteAsync(_keys);
        }

        _past.Clear();
        _hasForgotten = true;
        Rename();
    }

    /// <summary>The contents get a new name, which here all gateways learn at once.</summary>
    private void Rename() => Store.Runner.StoreId = (++_names).ToString(CultureInfo.InvariantCulture);

    /// <summary>Somebody tops up, changes the key or raises a limit; three times in ten the push is forgotten.</summary>
    private async Task EditAsync()
    {
        var isDone = TryDatabase(
            () =>
            {
                switch (Random.Next(8))
                {
                    case 0 or 1:
                        Books.ToggleKey();
                        break;
                    case 2 or 3 or 4:
                        Books.RaiseLimit(ofAccount: Random.Next(2) == 0, Random.Next(1, 31));
                        break;
                    default:
                        Books.Credit(Random.Next(1, 31));
                        break;
                }

                return true;
            },
            out _);
        if (isDone && Random.NextDouble() < 0.7)
        {
            await InstallAsync();
        }
    }

    private async Task CheckAsync()
    {
        if ((await Store.Accounts.SnapshotAsync(Account.Id)).Value is not { } account)
        {
            return;
        }

        (account.Pending, account.Held, account.Running).Should().Be((account.CallsPending, account.CallsHeld, account.CallsRunning), "counters are derived from calls");
        account.Version.Should().BeLessOrEqualTo(Books.Version);
        if (_hasForgotten)
        {
            return;
        }

        long owed = 0;
        foreach (var entry in await _database.HashGetAllAsync(_keys[1]))
        {
            if (StoredCall.TryRead(entry.Name.ToString(), (ReadOnlyMemory<byte>)entry.Value) is { } call && !Books.Records.ContainsKey(call.RequestId))
            {
                owed += call.State is StoredCallState.Settled ? call.Cost.Nanos : call.Hold.Nanos;
            }
        }

        var available = account.Base.Nanos - account.Pending.Nanos - account.Held.Nanos;
        available.Should().BeLessOrEqualTo(Books.Balance - owed, "what may still be given out never exceeds what is there");
        Books.Balance.Should().BeGreaterOrEqualTo(0);
        (Books.Charged + owed).Should().BeLessOrEqualTo(Math.Min(Books.KeyLimit, Books.AccountLimit), "what is charged, and what may be, keeps to the spend limits");
    }

    private async Task QuiesceAsync()
    {
        _isCalm = true;
        foreach (var (_, command) in _delayed)
        {
            await command();
        }

        for (var round = 0; round < 200; round++)
        {
            Pass();
            foreach (var gateway in _gateways)
            {
                gateway.PausedFor = 0;
                await gateway.FinishAsync();
            }

            if (round > LeaseTicks && _gateways.All(g => g.Calls.Count + g.Out.Count == 0) && await _database.HashLengthAsync(_keys[1]) <= 1)
            {
                return;
            }
        }
    }

    private async Task CheckTheEndAsync()
    {
        // Money that came in may not have been told. A charge is known, unless who booked it died before it could say so to a store that had forgotten the call.
        if ((await Store.Accounts.InspectAsync(Account.Id)).Value is { } told && !(_hasForgotten && _hasLostMemory))
        {
            told.Base.Nanos.Should().BeLessOrEqualTo(Books.Balance, "nothing is given out again that was charged");
        }

        await Store.Accounts.InstallAsync(State([]));
        var account = (await Store.Accounts.SnapshotAsync(Account.Id)).Value!;
        account.Should().BeEquivalentTo(new
        {
            Base = new Money(Books.Balance),
            Books.Version,
            Pending = Money.Zero,
            Held = Money.Zero,
            Running = 0L,
            Calls = 0L,
        });
        (await Account.ViewAsync()).Key.Should().Be(Books.IsRevoked ? KeyLife.Revoked : KeyLife.Active);
        Books.Ledger.Sum().Should().Be(Books.Balance);
        foreach (var (id, charged) in Ended.Where(e => !_doubleFaults.Contains(e.Key)))
        {
            var record = Books.Records.GetValueOrDefault(id);
            (record?.Status, record?.Charged).Should().Be((WalkStatus.Completed, charged), "the caller of {0} saw its end", id);
        }

        if (!_hasForgotten)
        {
            var spent = ((string)(await _database.HashGetAsync(_keys[0], "u"))!).Split('|')[8];
            spent.Should().Be(Books.Records.Values.Sum(r => r.Charged).ToString(CultureInfo.InvariantCulture));
        }
    }
}
