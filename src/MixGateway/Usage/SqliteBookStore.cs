using Microsoft.Data.Sqlite;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>The books on SQLite: one connection of their own, whose statements stay prepared. One transaction at a time.</summary>
internal sealed class SqliteBookStore(SqliteDatabase database) : IBookStore, IDisposable
{
    private const string FindAccount = "SELECT balance, version FROM accounts WHERE id = $id";
    private const string FindBooked = $"SELECT {BookedCall.Columns} FROM usage_records WHERE started_at = $started_at AND request_id = $request_id";
    private const string UpdateAccount = "UPDATE accounts SET balance = $balance, version = $version WHERE id = $id";

    private static readonly string InsertRecord = Insert("usage_records", BookColumns.UsageRecords);
    private static readonly string InsertLedger = Insert("ledger_entries", BookColumns.LedgerEntries);
    private static readonly string AddToDays = Insert("usage_daily", BookColumns.UsageDaily) + " " + BookColumns.AddToDay;

    private readonly Dictionary<string, Statement> _prepared = [];
    private SqliteConnection? _connection;

    /// <inheritdoc/>
    public Task<IBookTransaction> BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= database.Open();
            var transaction = new Transaction(this, _connection);
            var begun = false;
            try
            {
                transaction.Read(records);
                begun = true;
                return Task.FromResult<IBookTransaction>(transaction);
            }
            finally
            {
                // Until the caller has it, nobody else would end it.
                if (!begun)
                {
                    transaction.Dispose();
                }
            }
        }
        catch (SqliteException exception)
        {
            return Task.FromException<IBookTransaction>(Reopening(exception));
        }
    }

    /// <inheritdoc/>
    public async Task RejectAsync(RejectedRecord rejected, CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO rejected_events (id, received_at, payload, reason) VALUES ($id, $at, $payload, $reason) ON CONFLICT (id) DO NOTHING";
        command.Parameters.AddWithValue("$id", rejected.Record.RequestId);
        command.Parameters.AddWithValue("$at", rejected.ReceivedAt.UtcDateTime);
        command.Parameters.AddWithValue("$payload", rejected.Payload);
        command.Parameters.AddWithValue("$reason", rejected.Reason);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var connection = database.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM accounts WHERE id = ''";
        await command.ExecuteScalarAsync(cancellationToken);
    }

    public void Dispose() => Close();

    private static string Insert<TRow>(string table, BookColumn<TRow>[] columns) =>
        $"INSERT INTO {table} ({BookColumns.Names(columns)}) VALUES ({string.Join(", ", columns.Select(column => "$" + column.Name))})";

    /// <summary>After an error that is about the file, what is open and prepared is not trusted any more.</summary>
    private SqliteException Reopening(SqliteException exception)
    {
        if (!DatabaseFault.IsRefusal(exception))
        {
            Close();
        }

        return exception;
    }

    private void Close()
    {
        foreach (var statement in _prepared.Values)
        {
            statement.Dispose();
        }

        _prepared.Clear();
        _connection?.Dispose();
        _connection = null;
    }

    private sealed class Transaction : IBookTransaction, IDisposable
    {
        private readonly SqliteBookStore _store;
        private readonly SqliteConnection _connection;
        private readonly SqliteTransaction _transaction;

        public Transaction(SqliteBookStore store, SqliteConnection connection)
        {
            _store = store;
            _connection = connection;
            _transaction = connection.BeginTransaction(deferred: false);
        }

        public BookState State { get; } = new([], []);

        public void Read(IReadOnlyList<UsageRecord> records)
        {
            var findAccount = Prepared(FindAccount, "id");
            var findBooked = Prepared(FindBooked, "started_at", "request_id");
            foreach (var record in records)
            {
                if (!State.Accounts.ContainsKey(record.AccountId))
                {
                    findAccount.Bind(0, record.AccountId);
                    using var account = findAccount.Command.ExecuteReader();
                    if (account.Read())
                    {
                        State.Accounts.Add(record.AccountId, new AccountBalance(record.AccountId, account.GetInt64(0), account.GetInt64(1)));
                    }
                }

                findBooked.Bind(0, record.StartedAt);
                findBooked.Bind(1, record.RequestId);
                using var booked = findBooked.Command.ExecuteReader();
                if (booked.Read())
                {
                    State.Booked[record.RequestId] = BookedCall.Read(booked, 0);
                }
            }
        }

        public Task CommitAsync(Postings postings, CancellationToken cancellationToken)
        {
            try
            {
                Write(InsertRecord, BookColumns.UsageRecords, postings.Records);
                Write(InsertLedger, BookColumns.LedgerEntries, postings.Ledger);
                Write(AddToDays, BookColumns.UsageDaily, postings.Days);
                var update = Prepared(UpdateAccount, "balance", "version", "id");
                foreach (var account in postings.Accounts)
                {
                    update.Bind(0, account.Balance);
                    update.Bind(1, account.Version);
                    update.Bind(2, account.AccountId);
                    update.Command.ExecuteNonQuery();
                }

                _transaction.Commit();
                return Task.CompletedTask;
            }
            catch (SqliteException exception)
            {
                _transaction.Dispose();
                return Task.FromException(_store.Reopening(exception));
            }
        }

        public void Dispose() => _transaction.Dispose();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Write<TRow>(string sql, BookColumn<TRow>[] columns, List<TRow> rows)
        {
            if (rows.Count == 0)
            {
                return;
            }

            var statement = Prepared(sql, Array.ConvertAll(columns, static column => column.Name));
            foreach (var row in rows)
            {
                for (var i = 0; i < columns.Length; i++)
                {
                    statement.Bind(i, columns[i].Value(row));
                }

                statement.Command.ExecuteNonQuery();
            }
        }

        private Statement Prepared(string sql, params string[] parameters)
        {
            if (!_store._prepared.TryGetValue(sql, out var statement))
            {
                statement = new Statement(_connection, sql, parameters);
                _store._prepared.Add(sql, statement);
            }

            statement.Command.Transaction = _transaction;
            return statement;
        }
    }

    /// <summary>A statement that stays prepared. Parameters are set by position: by name each is searched for among all of them.</summary>
    private sealed class Statement : IDisposable
    {
        private readonly SqliteParameter[] _parameters;

        public Statement(SqliteConnection connection, string sql, string[] parameters)
        {
            Command = connection.CreateCommand();
            Command.CommandText = sql;
            _parameters = Array.ConvertAll(parameters, static name => new SqliteParameter { ParameterName = "$" + name });
            Command.Parameters.AddRange(_parameters);
        }

        public SqliteCommand Command { get; }

        public void Bind(int parameter, object? value) => _parameters[parameter].Value = value ?? DBNull.Value;

        public void Dispose() => Command.Dispose();
    }
}
