using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace MixGateway.Storage;

/// <summary>Migrates PostgreSQL; of many replicas that start at once one does it, and the others wait for it.</summary>
internal sealed partial class PostgresMigrator(
    NpgsqlDataSource dataSource, IDbContextFactory<PostgresDbContext> contexts, UsagePartitions partitions, TimeProvider time, ILogger<PostgresMigrator> logger) : DatabaseMigrator
{
    /// <summary>Any number that nothing else in the database locks.</summary>
    private const long AdvisoryLock = 0x4D69784761746577;

    /// <summary>Every half minute of waiting there is a line in the log.</summary>
    private const int RoundsPerLine = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool isUpToDate;
            await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
            {
                isUpToDate = await IsUpToDateAsync(connection, cancellationToken);
            }

            if (!isUpToDate)
            {
                await MigrateInTurnAsync(cancellationToken);
            }

            await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
            {
                await partitions.EnsureAsync(connection, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            throw new DatabaseRefusedException(Describe(exception), IsAway(exception));
        }
    }

    /// <summary>Nobody can be reached, or somebody who cannot serve yet; what a server refuses it refuses tomorrow too.</summary>
    internal static bool IsAway(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections or ['5', '7', 'P', ..] or ['0', '8', ..] } => true,
        PostgresException => false,
        SocketException or TimeoutException or IOException => true,
        _ => exception.InnerException is { } cause && IsAway(cause),
    };

    private async Task<bool> IsUpToDateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string HistoryExists = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('\"__EFMigrationsHistory\"')";
        return await IsUpToDateAsync<PostgresDbContext>(connection, HistoryExists, cancellationToken);
    }

    /// <summary>Never with more than two connections at a time: a role may be allowed few.</summary>
    private async Task MigrateInTurnAsync(CancellationToken cancellationToken)
    {
        await using var turn = await TakeTurnAsync(cancellationToken);
        if (await IsUpToDateAsync(turn, cancellationToken))
        {
            // Whoever had the turn before did it.
            return;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Database.SetCommandTimeout(Patience);

        // EF Core would look for it by asking it and log the answer of an empty database as an error.
        await context.GetService<IHistoryRepository>().CreateIfNotExistsAsync(cancellationToken);
        await ApplyAsync(context, cancellationToken);
    }

    /// <summary>
    /// Waits for the lock that lets one gateway migrate. It belongs to a transaction: a lock of a session would stay with a pooler's
    /// connection, whoever uses that next. The transaction is idle while another connection migrates, and must not be ended for it.
    /// </summary>
    /// <returns>The connection that has the turn; the transaction, and with it the turn, ends when it is closed.</returns>
    private async Task<NpgsqlConnection> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            for (var rounds = 0; ; rounds++)
            {
                await ExecuteAsync(connection, "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken);
                if (await ExecuteAsync(connection, $"SELECT pg_try_advisory_xact_lock({AdvisoryLock})", cancellationToken) is true)
                {
                    return connection;
                }

                await ExecuteAsync(connection, "ROLLBACK", cancellationToken);
                if (rounds % RoundsPerLine == 0)
                {
                    Log.Waits(logger);
                }

                await Task.Delay(Round, time, cancellationToken);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private string Describe(Exception exception)
    {
        var settings = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
        return $"ConnectionStrings:Postgres: the database {settings.Database ?? settings.Username} at {settings.Host}:{settings.Port} cannot be used as {settings.Username}: {Reason(exception)}";
    }

    /// <summary>In one line. What went wrong in a TLS handshake stands in the exception within.</summary>
    internal static string Reason(Exception exception)
    {
        var reason = exception switch
        {
            PostgresException { MessageText: var text } => text,
            { InnerException: SocketException or TimeoutException or IOException } => exception.InnerException.Message,
            { InnerException: not null } => $"{exception.Message}: {exception.GetBaseException().Message}",
            _ => exception.Message,
        };
        return reason.ReplaceLineEndings(" ").TrimEnd('.');
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "MigrationWaits", Level = LogLevel.Warning, Message = "Another gateway migrates the database: this one waits for it. If none does, see pg_locks for an advisory lock, and end its session")]
        public static partial void Waits(ILogger logger);
    }
}
