using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas.Walk;

internal enum WalkStage
{
    Running,
    Ending,

    /// <summary>The rule of the end is fulfilled; the last bytes may go out.</summary>
    Won,
}

/// <summary>What a gateway does with its calls, one small step at a time, by the rules of the design.</summary>
internal sealed class WalkGateway(CallWalk walk, int number)
{
    private const int HeartbeatTicks = 3;
    private const int Patience = 6;

    private readonly Dictionary<Guid, long> _sent = [];

    public Dictionary<Guid, WalkCall> Calls { get; } = [];

    /// <summary>Records in memory that are not yet booked and acknowledged.</summary>
    public Dictionary<Guid, (CallTicket Ticket, WalkRecord Record, bool Strict)> Out { get; } = [];

    public int PausedFor { get; set; }

    public bool IsDead { get; set; }

    private HotStoreClient Store => walk.Store;

    public IEnumerable<Guid> Won => Calls.Where(c => c.Value.Stage == WalkStage.Won).Select(c => c.Key);

    public async Task StepAsync()
    {
        if (IsDead)
        {
            return;
        }

        if (PausedFor > 0)
        {
            PausedFor--;
            return;
        }

        await BeatAsync();
        var die = walk.Random.NextDouble();
        if (die < 0.25)
        {
            if (!walk.IsQuiet)
            {
                await BeginAsync();
            }
        }
        else if (die < 0.7 && Calls.Count > 0)
        {
            await GoOnAsync(Calls.Keys.ElementAt(walk.Random.Next(Calls.Count)));
        }
        else if (die < 0.85)
        {
            await FlushAsync();
        }
        else
        {
            await SweepAsync();
        }
    }

    /// <summary>After the walk: every call ends, everything is booked.</summary>
    public async Task FinishAsync()
    {
        foreach (var id in Calls.Keys.ToList())
        {
            if (Calls.TryGetValue(id, out var call))
            {
                call.Stage = call.Stage == WalkStage.Running ? WalkStage.Ending : call.Stage;
                await GoOnAsync(id);
            }
        }

        await FlushAsync();
        await SweepAsync();
    }

    private bool IsDue(Guid id)
    {
        if (_sent.TryGetValue(id, out var last) && walk.Tick - last < HeartbeatTicks)
        {
            return false;
        }

        _sent[id] = walk.Tick;
        return true;
    }

    private async Task BeatAsync()
    {
        foreach (var id in Calls.Keys.ToList())
        {
            if (Calls[id].Stage != WalkStage.Won && IsDue(id))
            {
                await ExtendAsync(id);
            }
        }

        foreach (var (id, (ticket, record, strict)) in Out.ToList())
        {
            if (IsDue(id))
            {
                await KeepAsync(ticket, record, strict);
            }
        }
    }

    private async Task KeepAsync(CallTicket ticket, WalkRecord record, bool strict)
    {
        if (strict)
        {
            await walk.HotAsync(async () => await Store.Calls.ExtendAsync(ticket, new Money(record.Charged), default), CallAnswer.Down);
        }
        else
        {
            await walk.HotAsync(async () => await Store.Calls.SettleAsync(ticket, new Money(record.Charged), 0, default), CallWalk.DownAmount);
        }
    }

    private async Task BeginAsync()
    {
        var hold = walk.Random.Next(5, 41);
        var request = walk.Account.Request(hold, id: walk.NewId());
        var admission = await walk.HotAsync(async () => await Store.Calls.AdmitAsync(request), Admission.Down);
        if (admission.Status is AdmissionStatus.Load && await walk.InstallAsync())
        {
            admission = await walk.HotAsync(async () => await Store.Calls.AdmitAsync(request), Admission.Down);
        }

        if (admission.Ticket is { } ticket)
        {
            // One call in five may turn out dearer than its hold, some of them far dearer.
            var cost = walk.Random.Next(0, hold + (walk.Random.Next(5) == 0 ? 60 : 1));
            Calls[ticket.RequestId] = new WalkCall(ticket, cost, walk.IsVolatile);
        }
        else if (admission.Status is AdmissionStatus.Down && walk.Random.Next(2) == 0)
        {
            await walk.HotAsync(async () => await Store.Calls.ReleaseAsync(new CallTicket(request)), CallAnswer.Down);
        }
    }

    private async Task ExtendAsync(Guid id)
    {
        var call = Calls[id];
        var answer = await walk.HotAsync(async () => await Store.Calls.ExtendAsync(call.Ticket, new Money(call.Progress), default), CallAnswer.Down);
        if (answer is CallAnswer.Abandoned)
        {
            Calls.Remove(id);
        }
        else if (answer is CallAnswer.Missing)
        {
            if (!walk.TryDatabase(() => walk.Books.Records.ContainsKey(id), out var isBooked))
            {
                return;
            }

            if (isBooked)
            {
                Calls.Remove(id);
                return;
            }

            call.IsStrict = true;
            var progress = new Money(call.Progress);
            if (await walk.HotAsync(async () => await Store.Calls.RestoreAsync(call.Ticket, progress, default), CallAnswer.Down) is CallAnswer.Load
                && await walk.InstallAsync())
            {
                await walk.HotAsync(async () => await Store.Calls.RestoreAsync(call.Ticket, progress, default), CallAnswer.Down);
            }
        }
    }

    private async Task GoOnAsync(Guid id)
    {
        var call = Calls[id];
        switch (call.Stage)
        {
            case WalkStage.Running when walk.Random.NextDouble() < 0.5:
                call.Progress = Math.Min(call.Cost, call.Progress + 3);
                await ExtendAsync(id);
                break;
            case WalkStage.Running:
                call.Stage = WalkStage.Ending;
                break;
            case WalkStage.Ending:
                await EndAsync(id, call);
                break;
            default:
                walk.Ended[id] = Out.TryGetValue(id, out var mine) ? mine.Record.Charged : call.Charged;
                Calls.Remove(id);
                break;
        }
    }

    private async Task EndAsync(Guid id, WalkCall call)
    {
        call.Tries++;
        if (call.Record is not null)
        {
            Book(id, call);
            return;
        }

        if (!call.IsStrict)
        {
            var settled = await walk.HotAsync(async () => await Store.Calls.SettleAsync(call.Ticket, new Money(call.Cost), 0, default), CallWalk.DownAmount);
            if (settled.Answer is CallAnswer.Ok)
            {
                Win(id, call, settled.Amount.Nanos);
                return;
            }

            if (settled.Answer is CallAnswer.Abandoned)
            {
                Calls.Remove(id);
                return;
            }

            call.IsStrict |= settled.Answer is CallAnswer.Missing;
        }

        var held = call.Ticket.Hold.Nanos;
        if (call.Cost > held)
        {
            var raised = await walk.HotAsync(async () => await Store.Calls.RaiseAsync(call.Ticket, new Money(call.Cost)), CallWalk.DownAmount);
            held = raised.Answer is CallAnswer.Ok ? raised.Amount.Nanos : held;
        }

        call.Record = new WalkRecord(WalkStatus.Completed, Math.Min(call.Cost, held), number);
        Book(id, call);
    }

    private void Book(Guid id, WalkCall call)
    {
        var mine = call.Record!;
        if (walk.TryDatabase(() => walk.Books.Write(id, mine), out var written))
        {
            if (written.Winner == mine)
            {
                Win(id, call, mine.Charged);
            }
            else
            {
                Calls.Remove(id);
            }
        }
        else if (call.Tries > Patience)
        {
            // The answer ends with an error; the record stays in memory and is retried.
            Out[id] = (call.Ticket, mine, call.IsStrict);
            Calls.Remove(id);
        }
    }

    private void Win(Guid id, WalkCall call, long charged)
    {
        call.Stage = WalkStage.Won;
        call.Charged = charged;
        Out[id] = (call.Ticket, new WalkRecord(WalkStatus.Completed, charged, number), call.IsStrict);
    }

    private async Task FlushAsync()
    {
        foreach (var (id, (ticket, record, strict)) in Out.Take(8).ToList())
        {
            if (IsDue(id))
            {
                await KeepAsync(ticket, record, strict);
            }

            if (!walk.TryDatabase(() => walk.Books.Write(id, record), out var written))
            {
                return;
            }

            if (await AckAsync(ticket, written))
            {
                Out.Remove(id);
            }
        }
    }

    private async Task SweepAsync()
    {
        var claim = await walk.HotAsync(async () => await Store.Shards.ClaimAsync(walk.Account.Shard), new ClaimAnswer(true, false, 0, []));
        foreach (var found in claim.Due.Take(5))
        {
            var call = found;
            if (call.State is StoredCallState.Held)
            {
                if (await walk.HotAsync(async () => await Store.Shards.AbandonAsync(found), null) is not { } abandoned)
                {
                    continue;
                }

                call = abandoned;
            }

            var record = new WalkRecord(
                call.State is StoredCallState.Settled ? WalkStatus.Completed : WalkStatus.Abandoned,
                Math.Min(call.Cost.Nanos, call.State is StoredCallState.Settled ? long.MaxValue : call.Hold.Nanos),
                null);
            if (!walk.TryDatabase(() => walk.Books.Write(call.RequestId, record), out var written)
                || !await walk.HotAsync(async () => await Store.Shards.AckAsync(call, new SweptBooking(new Money(written.Balance), written.Version, new Money(written.Winner.Charged), written.IsNew)), false))
            {
                return;
            }
        }
    }

    private async Task<bool> AckAsync(CallTicket ticket, Written written)
    {
        var answer = await walk.HotAsync(
            async () => await Store.Calls.AckAsync(ticket, new Money(written.Balance), written.Version, new Money(written.Winner.Charged), atBooking: written.IsNew), CallAnswer.Down);
        return answer is CallAnswer.Ok;
    }

    internal sealed class WalkCall(CallTicket ticket, long cost, bool isStrict)
    {
        public CallTicket Ticket { get; } = ticket;

        public long Cost { get; } = cost;

        public long Progress { get; set; }

        public long Charged { get; set; }

        /// <summary>Only the database may confirm its end.</summary>
        public bool IsStrict { get; set; } = isStrict;

        public int Tries { get; set; }

        /// <summary>
        /// What the database was given. It may have it although it did not say so, so from then on nothing else can be the call's
        /// charge: settling it for another would tell the caller of an end that is not on the books like that.
        /// </summary>
        public WalkRecord? Record { get; set; }

        public WalkStage Stage { get; set; }
    }
}
