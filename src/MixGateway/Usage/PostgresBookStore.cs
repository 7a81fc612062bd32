using System.Data;
using MixGateway.Storage;
using Npgsql;

namespace MixGateway.Usage;

/// <summary>The books on PostgreSQL: two round trips a group, however many records are in it.</summary>
internal sealed class PostgresBookStore(NpgsqlDataSource dataSource) : IBookStore
{
    /// <summary>Short, because a database that hangs is a database that is down: the group is tried again.</summary>
    private const int TimeoutSeconds = 10;

    /// <summary>
    /// The level is named because the second read must see what was committed while the accounts were waited for; the commit is durable
    /// when it returns, whatever the server's default is.
    /// </summary>
    private const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    /// <summary>NO KEY, because keys and ledger entries that refer to the account may be added meanwhile.</summary>
    private const string LockAccounts = "SELECT id, balance, version FROM accounts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    /// <summary>The bounds let the planner leave out the months that cannot hold the records.</summary>
    private const string FindBooked =
        $"SELECT request_id, {BookedCall.Columns} FROM unnest($1, $2) AS offered (started_at, request_id) "
        + "JOIN usage_records USING (started_at, request_id) WHERE usage_records.started_at BETWEEN $3 AND $4";

    private const string UpdateAccounts =
        "UPDATE accounts SET balance = posted.balance, version = posted.version FROM unnest($1, $2, $3) AS posted (id, balance, version) WHERE accounts.id = posted.id";

    private const string Reject = "INSERT INTO rejected_events (id, received_at, payload, reason) VALUES ($1, $2, $3::json, $4) ON CONFLICT (id) DO NOTHING";

    // No ON CONFLICT for records: the transaction has seen what is booked and holds the accounts' locks, so a conflict means that the
    // same call was offered for two accounts. It fails the group, and the next try sees the record that was first.
    private static readonly string InsertRecords = Insert("usage_records", BookColumns.UsageRecords);
    private static readonly string InsertLedger = Insert("ledger_entries", BookColumns.LedgerEntries);
    private static readonly string AddToDays = Insert("usage_daily", BookColumns.UsageDaily) + " " + BookColumns.AddToDay;

    /// <inheritdoc/>
    public async Task<IBookTransaction> BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var transaction = new Transaction(dataSource, connection);
        var begun = false;
        try
        {
            await transaction.BeginAsync(records, cancellationToken);
            begun = true;
            return transaction;
        }
        finally
        {
            // Until the caller has it, nobody else would end it and give the connection back.
            if (!begun)
            {
                await transaction.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async Task RejectAsync(RejectedRecord rejected, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            Timeout = TimeoutSeconds,
            BatchCommands =
            {
                Command(Begin),
                Command(DurableTransaction.Durable),
                Command(Reject, rejected.Record.RequestId, rejected.ReceivedAt.UtcDateTime, rejected.Payload, rejected.Reason),
                Command("COMMIT"),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = TimeoutSeconds };
            await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            dataSource.Clear();
            throw;
        }
    }

    private static string Insert<TRow>(string table, BookColumn<TRow>[] columns) =>
        $"INSERT INTO {table} ({BookColumns.Names(columns)}) SELECT * FROM unnest({string.Join(", ", Enumerable.Range(1, columns.Length).Select(i => $"${i}"))})";

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private static NpgsqlBatchCommand Command<TRow>(string sql, BookColumn<TRow>[] columns, List<TRow> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = column.Values(rows) });
        }

        return command;
    }

    private sealed class Transaction(NpgsqlDataSource dataSource, NpgsqlConnection connection) : IBookTransaction
    {
        private bool _ended;

        public BookState State { get; } = new([], []);

        public async Task BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
        {
            var times = records.Select(record => record.StartedAt).ToArray();
            await using var batch = new NpgsqlBatch(connection)
            {
                Timeout = TimeoutSeconds,
                BatchCommands =
                {
                    Command(Begin),
                    Command(DurableTransaction.Durable),
                    Command(DurableTransaction.NotForever),
                    Command(LockAccounts, records.Select(record => record.AccountId).Distinct().ToArray()),
                    Command(FindBooked, times, records.Select(record => record.RequestId).ToArray(), times.Min(), times.Max()),
                },
            };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var account = new AccountBalance(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2));
                State.Accounts.Add(account.AccountId, account);
            }

            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                // A record that was offered twice is found twice.
                State.Booked[reader.GetGuid(0)] = BookedCall.Read(reader, 1);
            }
        }

        public async Task CommitAsync(Postings postings, CancellationToken cancellationToken)
        {
            var accounts = postings.Accounts;
            await using var batch = new NpgsqlBatch(connection)
            {
                Timeout = TimeoutSeconds,
                BatchCommands =
                {
                    Command(InsertRecords, BookColumns.UsageRecords, postings.Records),
                    Command(InsertLedger, BookColumns.LedgerEntries, postings.Ledger),
                    Command(
                        UpdateAccounts,
                        accounts.Select(account => account.AccountId).ToArray(),
                        accounts.Select(account => account.Balance).ToArray(),
                        accounts.Select(account => account.Version).ToArray()),
                    Command(AddToDays, BookColumns.UsageDaily, postings.Days),
                    Command("COMMIT"),
                },
            };
            await batch.ExecuteNonQueryAsync(cancellationToken);
            _ended = true;
        }

        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                if (!_ended && connection.State == ConnectionState.Open)
                {
                    await RollbackAsync();
                }
                else if (!_ended)
                {
                    // The server went away under it: the idle connections are dead too, and whoever took one next would stumble.
                    dataSource.Clear();
                }
            }
        }

        private async Task RollbackAsync()
        {
            try
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", connection) { CommandTimeout = TimeoutSeconds };
                await rollback.ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The connection is gone, and the server undoes the transaction by itself.
            }
        }
    }
}
