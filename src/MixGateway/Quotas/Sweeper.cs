namespace MixGateway.Quotas;

/// <summary>Looks after calls whose owner did not: books what is settled, declares dead what is silent, and books that.</summary>
internal sealed partial class Sweeper(ShardStore shards, CallStore calls, ISweepBooks books, HotStoreStatus status, ILogger<Sweeper> logger)
{
    /// <summary>One round over every shard. May run on any number of replicas at once.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await calls.ReleaseInDoubtAsync().ConfigureAwait(false);
        var booksAnswer = true;
        for (var shard = 0; shard < AccountShard.Count; shard++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var claim = await shards.ClaimAsync(shard).ConfigureAwait(false);
            if (claim.IsDown)
            {
                return;
            }

            status.Count(shard, claim.Calls);
            booksAnswer = await LookAfterAsync(claim.Due, booksAnswer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Without the books, what is silent is still declared dead; it is booked once they answer.</summary>
    /// <returns>False once a store did not answer: asking it again in this round would only take time.</returns>
    private async Task<bool> LookAfterAsync(IReadOnlyList<StoredCall> due, bool booksAnswer, CancellationToken cancellationToken)
    {
        foreach (var found in due)
        {
            var call = found;
            if (call.State is StoredCallState.Held)
            {
                if (await shards.AbandonAsync(call).ConfigureAwait(false) is not { } abandoned)
                {
                    continue;
                }

                call = abandoned;
                status.CountAbandoned();
                Log.Abandoned(logger, call.RequestId, call.AccountId);
            }

            if (booksAnswer)
            {
                booksAnswer = await BookAsync(call, cancellationToken).ConfigureAwait(false);
            }
        }

        return booksAnswer;
    }

    /// <returns>False if a store did not answer.</returns>
    private async ValueTask<bool> BookAsync(StoredCall call, CancellationToken cancellationToken)
    {
        var answer = await books.BookAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.Booking is { } booking
            ? await shards.AckAsync(call, booking).ConfigureAwait(false)
            : !answer.IsDown;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {RequestId} of account {AccountId} is abandoned: its gateway was silent for a lease", EventName = "CallAbandoned")]
        public static partial void Abandoned(ILogger logger, Guid requestId, Guid accountId);
    }
}
