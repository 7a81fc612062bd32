using Microsoft.Extensions.Options;
using MixGateway.Billing;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>An answer about an account.</summary>
/// <param name="Answer"><see cref="CallAnswer.Ok"/>, <see cref="CallAnswer.Load"/>, <see cref="CallAnswer.Down"/> or <see cref="CallAnswer.Broken"/>.</param>
/// <param name="Value">Set if Ok.</param>
internal readonly record struct AccountAnswer<T>(CallAnswer Answer, T? Value)
    where T : class;

internal enum DebitStatus
{
    /// <summary>The amount is held: book it, then acknowledge it.</summary>
    Held,

    /// <summary>Less than that is available.</summary>
    Refused,
    Load,
    Down,
}

/// <summary>The answer to a debit; the ticket is set if held.</summary>
internal readonly record struct DebitAnswer(DebitStatus Status, Money Available, CallTicket? Ticket);

/// <summary>What is done with whole accounts in the store.</summary>
internal sealed class AccountStore(ScriptRunner runner, IOptions<QuotasOptions> options)
{
    /// <summary>Lua hands a bounded number of values to one command.</summary>
    private const int KeysAtOnce = 500;

    private static readonly BillingPeriod NoPeriod = new("", "");

    private readonly RedisValue _lease = (long)options.Value.Lease.TotalMilliseconds;

    /// <inheritdoc cref="ScriptRunner.StoreId"/>
    public string StoreId => runner.StoreId;

    /// <summary>Tells the store what the database says. Older news than what it has are ignored, part by part.</summary>
    /// <param name="storeId">The <see cref="StoreId"/> of before the database was read: what the store lost after that may be missing in the reading.</param>
    /// <returns>False if the store does not answer, or holds what is another database's: push again later.</returns>
    public async ValueTask<bool> InstallAsync(AccountState state, string? storeId = null)
    {
        storeId ??= runner.StoreId;
        var keys = AccountShard.KeysOf(state.AccountId);
        var from = 0;
        do
        {
            var count = Math.Min(KeysAtOnce, state.Keys.Count - from);
            var values = new RedisValue[10 + (3 * count)];
            values[6] = storeId;
            values[1] = state.AccountId.ToString("N");
            values[2] = state.Balance.Nanos;
            values[3] = state.Version;
            values[4] = state.PolicyText;
            values[5] = state.Spent.Text;
            values[7] = state.ChangedVersion;
            values[8] = state.BookedText;
            values[9] = runner.DatabaseId;
            for (var i = 0; i < count; i++)
            {
                var key = state.Keys[from + i];
                values[10 + (3 * i)] = key.KeyId.ToString("N");
                values[11 + (3 * i)] = key.Text;
                values[12 + (3 * i)] = key.Spent.Text;
            }

            var reply = await runner.RunAsync(Script.Install, keys, values).ConfigureAwait(false);
            if (reply.IsDown || reply.Text is not "ok")
            {
                return false;
            }

            from += count;
        }
        while (from < state.Keys.Count);
        return true;
    }

    /// <summary>The calls and debits of an account that the store has; asked before the database is read for <see cref="InstallAsync"/>.</summary>
    /// <returns>Null if the store does not answer.</returns>
    public async ValueTask<IReadOnlyList<Guid>?> InFlightAsync(Guid accountId)
    {
        var reply = await runner.RunAsync(Script.InFlight, AccountShard.KeysOf(accountId), [default, accountId.ToString("N")]).ConfigureAwait(false);
        if (reply.IsDown)
        {
            return null;
        }

        return reply.Text.Length == 0 ? [] : Array.ConvertAll(reply.Text.Split(','), static id => Guid.ParseExact(id, "N"));
    }

    /// <summary>What is available now, and whether a key is alive: for reads that admit nothing.</summary>
    public async ValueTask<AccountAnswer<AccountView>> InspectAsync(Guid accountId, Guid? keyId = null)
    {
        var reply = await runner.RunAsync(Script.Inspect, AccountShard.KeysOf(accountId), [default, keyId?.ToString("N") ?? "", runner.StoreId]).ConfigureAwait(false);
        return reply.IsDown ? new(reply.Failure, null) : ReadView(reply.Text);
    }

    /// <summary>Holds an amount that is to be taken from an account, so that no call can spend it meanwhile.</summary>
    /// <param name="id">Of the ledger entry that will book it.</param>
    public async ValueTask<DebitAnswer> DebitAsync(Guid id, Guid accountId, Money amount, ReadOnlyMemory<byte> record)
    {
        var ticket = new CallTicket(new AdmissionRequest(id, accountId, Guid.Empty, amount, 0, NoPeriod, record, KeyVersion.Any));
        var reply = await runner.RunAsync(Script.Debit, ticket.Keys,
            [default, ticket.Id, accountId.ToString("N"), CallStore.Amount(amount), _lease, record, runner.StoreId]).ConfigureAwait(false);
        if (reply.IsDown)
        {
            return new DebitAnswer(DebitStatus.Down, Money.Zero, null);
        }

        var reader = new ReplyReader(reply.Text);
        return reader.Next() switch
        {
            "held" => new DebitAnswer(DebitStatus.Held, new Money(reader.NextLong()), ticket),
            "refused" => new DebitAnswer(DebitStatus.Refused, new Money(reader.NextLong()), null),
            "load" => new DebitAnswer(DebitStatus.Load, Money.Zero, null),
            _ => new DebitAnswer(DebitStatus.Down, Money.Zero, null),
        };
    }

    /// <summary>For reconciliation.</summary>
    public async ValueTask<AccountAnswer<AccountSnapshot>> SnapshotAsync(Guid accountId)
    {
        var reply = await runner.RunAsync(Script.Snapshot, AccountShard.KeysOf(accountId), [default, accountId.ToString("N")]).ConfigureAwait(false);
        return reply.IsDown ? new(reply.Failure, null) : ReadSnapshot(reply.Text);
    }

    /// <summary>Makes the counters what the calls say. Only on request: it hides the trace of whatever made them differ.</summary>
    public async ValueTask<CallAnswer> RepairAsync(Guid accountId)
    {
        var reply = await runner.RunAsync(Script.Repair, AccountShard.KeysOf(accountId), [default, accountId.ToString("N"), _lease]).ConfigureAwait(false);
        return reply.IsDown ? reply.Failure : reply.Text is "load" ? CallAnswer.Load : CallAnswer.Ok;
    }

    /// <summary>Lets an account, or those of its keys, leave the store that were not used for as long and have nothing in flight.</summary>
    /// <returns>What left; nothing if the store does not answer.</returns>
    public async ValueTask<(long Accounts, long Keys)> EvictAsync(Guid accountId, TimeSpan idle)
    {
        var reply = await runner.RunAsync(Script.Evict, AccountShard.KeysOf(accountId), [default, accountId.ToString("N"), (long)idle.TotalMilliseconds]).ConfigureAwait(false);
        if (reply.IsDown)
        {
            return (0, 0);
        }

        var reader = new ReplyReader(reply.Text);
        reader.Next();
        return (reader.NextLong(), reader.NextLong());
    }

    private static AccountAnswer<AccountView> ReadView(string text)
    {
        var reader = new ReplyReader(text);
        if (reader.Next() is not "ok")
        {
            return new(CallAnswer.Load, null);
        }

        return new(CallAnswer.Ok, new AccountView(
            new Money(reader.NextLong()),
            reader.NextLong(),
            new Money(reader.NextLong()),
            new Money(reader.NextLong()),
            new Money(reader.NextLong()),
            reader.Next() is not "A",
            reader.Next() switch
            {
                "A" => KeyLife.Active,
                "R" => KeyLife.Revoked,
                "E" => KeyLife.Expired,
                _ => KeyLife.None,
            },
            reader.NextLong()));
    }

    private static AccountAnswer<AccountSnapshot> ReadSnapshot(string text)
    {
        var reader = new ReplyReader(text);
        if (reader.Next() is not "ok")
        {
            return new(CallAnswer.Load, null);
        }

        return new(CallAnswer.Ok, new AccountSnapshot(
            new Money(reader.NextLong()),
            reader.NextLong(),
            new Money(reader.NextLong()),
            new Money(reader.NextLong()),
            reader.NextLong(),
            new Money(reader.NextLong()),
            new Money(reader.NextLong()),
            reader.NextLong(),
            reader.NextLong(),
            TimeSpan.FromMilliseconds(reader.NextLong())));
    }
}
