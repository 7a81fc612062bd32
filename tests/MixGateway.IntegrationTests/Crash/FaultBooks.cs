using System.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.IntegrationTests.Quotas;
using MixGateway.Quotas;
using MixGateway.Usage;
using Npgsql;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>The promises of the books, asked of the stores themselves.</summary>
internal sealed class FaultBooks : IAsyncDisposable
{
    /// <summary>
    /// A lease of 3 s, a sweep of 1 s, 10 s until a settled call is booked by somebody else, another sweep; doubled for a busy machine.
    /// </summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(2);

    private readonly NpgsqlDataSource _database;
    private readonly HotStoreConnection _connection;
    private readonly AccountStore _hotStore;

    private FaultBooks(NpgsqlDataSource database, HotStoreConnection connection)
    {
        _database = database;
        _connection = connection;
        _hotStore = new HotStoreClient(connection, HotStoreServer.Options).Accounts;
    }

    public static async Task<FaultBooks> OpenAsync(FaultStage stage) =>
        // Without a pool, because the server is stopped now and then.
        new(NpgsqlDataSource.Create(stage.Database + ";Pooling=false"), await HotStoreServer.ConnectAsync(stage.HotStore));

    /// <summary>Looks until told to stop at what holds at every instant: counters are what the calls say, and old news never replace newer ones.</summary>
    /// <param name="mayForget">The hot store is made to lose what it had confirmed.</param>
    /// <returns>What was seen that may not be.</returns>
    public async Task<IReadOnlyList<string>> WatchAsync(IReadOnlyList<CrashAccount> accounts, bool mayForget, CancellationToken stop)
    {
        List<string> wrong = [];
        var versions = new Dictionary<Guid, long>();
        using var timer = new PeriodicTimer(BetweenLooks);
        while (!stop.IsCancellationRequested)
        {
            foreach (var account in accounts)
            {
                var (answer, hot) = await _hotStore.SnapshotAsync(account.Id);
                if (answer is not CallAnswer.Ok || hot is null)
                {
                    continue;
                }

                if ((hot.Pending, hot.Held, hot.Running) != (hot.CallsPending, hot.CallsHeld, hot.CallsRunning))
                {
                    wrong.Add($"account {account.Id} counts apart from its calls: {hot}");
                }

                if (!mayForget && hot.Version < versions.GetValueOrDefault(account.Id))
                {
                    wrong.Add($"account {account.Id} was in version {versions[account.Id]} before: {hot}");
                }

                versions[account.Id] = hot.Version;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return wrong;
    }

    /// <summary>Promises 3 and 4: nothing is held or pending any more, and both stores say the same.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> ShouldDrainAsync(IReadOnlyList<CrashAccount> accounts)
    {
        var clock = Stopwatch.StartNew();
        foreach (var account in accounts)
        {
            string? reason = null;
            var isDrained = await Eventually.TryAsync(async () => (reason = await WhyNotDrainedAsync(account.Id)) is null, Bound - clock.Elapsed);
            isDrained.Should().BeTrue("nothing dangles, but: {0}", reason);
        }

        return clock.Elapsed;
    }

    /// <summary>Promises 1 and 2: who saw an end has exactly that on the books, once; so has every call that began.</summary>
    /// <param name="begun">Calls that the provider was sent since the start.</param>
    public async Task ShouldHoldAsync(IReadOnlyList<SeenCall> seen, long begun)
    {
        var records = await ReadRecordsAsync([.. seen.Where(static call => call.RequestId is not null).Select(static call => Guid.Parse(call.RequestId!))]);
        foreach (var call in seen.Where(static call => call.Begun))
        {
            records.ContainsKey(Guid.Parse(call.RequestId!)).Should().BeTrue("a call that began has a record, and a caller saw {0}", call);
        }

        foreach (var call in seen.Where(static call => call.Sight == Sight.Ended))
        {
            var cost = (long)(call.Call.Cost * 1_000_000_000m);
            records[Guid.Parse(call.RequestId!)].Should().Be(
                new BookedCall(call.Account, CallStatus.Completed, call.Call.Prompt, call.Call.Cached, call.Call.Completion, cost, cost), "that is what {0} used", call.RequestId);
        }

        (await CountAsync("SELECT count(*) FROM usage_records")).Should().BeGreaterThanOrEqualTo(begun, "what the provider was sent had been admitted, and has a record");
    }

    /// <summary>Promises 2 and 4: one record and one ledger entry a call, a balance is the sum of its ledger, days are the sum of their calls.</summary>
    public async Task ShouldAddUpAsync()
    {
        await ShouldBeNoneAsync("calls with two records", "SELECT request_id FROM usage_records GROUP BY request_id HAVING count(*) > 1");
        await ShouldBeNoneAsync("calls with two ledger entries", "SELECT request_id FROM ledger_entries WHERE request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1");
        await ShouldBeNoneAsync(
            "charges without their ledger entry, or entries without their charge",
            """
            SELECT request_id FROM (SELECT request_id, account_id, -charged AS amount FROM usage_records WHERE charged <> 0) AS charges
            FULL JOIN (SELECT request_id, account_id, amount FROM ledger_entries WHERE request_id IS NOT NULL) AS entries USING (request_id, account_id, amount)
            WHERE charges.amount IS NULL OR entries.amount IS NULL
            """);
        await ShouldBeNoneAsync(
            "accounts whose balance is not the sum of their ledger",
            "SELECT id FROM accounts WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM ledger_entries WHERE account_id = accounts.id)");
        await ShouldBeNoneAsync(
            "accounts whose days are not the sum of their calls",
            """
            SELECT id FROM accounts WHERE (SELECT coalesce(sum(charged), 0) FROM usage_daily WHERE account_id = accounts.id)
                <> (SELECT coalesce(sum(charged), 0) FROM usage_records WHERE account_id = accounts.id)
            """);
        await ShouldBeNoneAsync("records that were put aside", "SELECT id FROM rejected_events");
    }

    /// <summary>Every correction that was answered is there once.</summary>
    public async Task ShouldHaveCorrectionsAsync(int rounds, int accounts) =>
        (await CountAsync("SELECT count(*) FROM ledger_entries WHERE idempotency_key LIKE 'round%'")).Should().Be(rounds * accounts * 2);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<string?> WhyNotDrainedAsync(Guid account)
    {
        await using var command = _database.CreateCommand("SELECT balance, version FROM accounts WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = account });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var (balance, version) = (reader.GetInt64(0), reader.GetInt64(1));
        var (answer, hot) = await _hotStore.SnapshotAsync(account);
        return answer switch
        {
            CallAnswer.Load => null,
            CallAnswer.Ok when hot is { Calls: 0, Running: 0, Pending.Nanos: 0, Held.Nanos: 0 } && (hot.Base.Nanos, hot.Version) == (balance, version) => null,
            _ => $"account {account} has balance {balance} in version {version}, and in the hot store: {answer}, {hot}",
        };
    }

    private async Task<Dictionary<Guid, BookedCall>> ReadRecordsAsync(Guid[] ids)
    {
        await using var command = _database.CreateCommand(
            "SELECT request_id, account_id, status, prompt_tokens, cached_tokens, completion_tokens, cost, charged FROM usage_records WHERE request_id = ANY($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<Guid, BookedCall> records = [];
        while (await reader.ReadAsync())
        {
            records.Add(reader.GetGuid(0), new BookedCall(
                reader.GetGuid(1), (CallStatus)reader.GetInt16(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7)));
        }

        return records;
    }

    private async Task ShouldBeNoneAsync(string what, string query)
    {
        await using var command = _database.CreateCommand(query + " LIMIT 5");
        await using var reader = await command.ExecuteReaderAsync();
        List<Guid> found = [];
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetGuid(0));
        }

        found.Should().BeEmpty("there are no {0}", what);
    }

    private async Task<long> CountAsync(string query)
    {
        await using var command = _database.CreateCommand(query);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed record BookedCall(Guid Account, CallStatus Status, long Prompt, long Cached, long Completion, long Cost, long Charged);
}
