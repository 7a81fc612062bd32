using Microsoft.Extensions.Options;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Billing.Reconciliation;

/// <summary>The hot store did not answer, so nothing can be said about the books.</summary>
internal sealed class HotStoreSilentException() : Exception("The hot store does not answer.");

/// <summary>The hot store answers, but a script failed in it: a mistake in the gateway, and nothing can be said about the books either.</summary>
internal sealed class HotStoreScriptException() : Exception("A script failed in the hot store.");

/// <summary>Compares what the stores have, while traffic runs. One run at a time in a process.</summary>
internal sealed partial class Reconciler(
    BooksReader reader, AccountStore accounts, ShardStore shards, HotStoreStatus hotStore, IBooks books, ReconciliationMetrics metrics,
    IOptions<QuotasOptions> quotas, TimeProvider time, ILogger<Reconciler> logger) : IDisposable
{
    private const int Batch = 200;

    /// <summary>So many accounts are read at once: each read keeps the hot store busy for a moment, and calls have to get through.</summary>
    private const int Parallel = 8;

    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Checks every account.</summary>
    /// <exception cref="HotStoreSilentException">Nothing is known then, least of all that there is no drift.</exception>
    /// <exception cref="HotStoreScriptException">The same, by a mistake in the gateway.</exception>
    public async Task<ReconciliationReport> RunAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        var succeeded = false;
        try
        {
            var report = await CheckAsync(cancellationToken);
            succeeded = true;
            metrics.Ran(report);
            Tell(report);
            return report;
        }
        finally
        {
            if (!succeeded)
            {
                metrics.Failed();
            }

            _turn.Release();
        }
    }

    private async Task<ReconciliationReport> CheckAsync(CancellationToken cancellationToken)
    {
        var calls = await shards.ListAsync() ?? throw new HotStoreSilentException();
        var upFor = hotStore.AnswersFor < books.UpFor ? hotStore.AnswersFor : books.UpFor;
        List<Drift> drifts = [.. DriftRules.CheckAges(calls, time.GetUtcNow().UtcDateTime, quotas.Value.Lease, upFor)];
        var checkedAccounts = 0;
        var after = Guid.Empty;
        while (await reader.NextAsync(after, Batch, cancellationToken) is { Count: > 0 } ids)
        {
            var hot = await SnapshotAsync(ids, cancellationToken);
            foreach (var account in await reader.ReadAsync(ids, cancellationToken))
            {
                drifts.AddRange(DriftRules.Check(account, hot[account.AccountId]));
            }

            checkedAccounts += ids.Count;
            after = ids[^1];
        }

        return new ReconciliationReport(checkedAccounts, drifts);
    }

    private async Task<Dictionary<Guid, AccountSnapshot?>> SnapshotAsync(List<Guid> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, AccountSnapshot?>(ids.Count);
        foreach (var some in ids.Chunk(Parallel))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answers = await Task.WhenAll(some.Select(id => accounts.SnapshotAsync(id).AsTask()));
            for (var i = 0; i < some.Length; i++)
            {
                found[some[i]] = answers[i].Answer switch
                {
                    CallAnswer.Down => throw new HotStoreSilentException(),
                    CallAnswer.Broken => throw new HotStoreScriptException(),
                    _ => answers[i].Value,
                };
            }
        }

        return found;
    }

    private void Tell(ReconciliationReport report)
    {
        foreach (var drift in report.Drifts)
        {
            Log.Drifted(logger, drift.AccountId, drift.Kind, drift.Expected, drift.Actual);
        }

        Log.Ran(logger, report.AccountsChecked, report.Drifts.Count);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The books of account {AccountId} do not add up: {Kind} is {Actual} and has to be {Expected}", EventName = "BooksDrifted")]
        public static partial void Drifted(ILogger logger, Guid accountId, DriftKind kind, string expected, string actual);

        [LoggerMessage(2, LogLevel.Information, "Reconciliation checked {Accounts} accounts and found {Drifts} drifts", EventName = "Reconciled")]
        public static partial void Ran(ILogger logger, int accounts, int drifts);
    }
}
