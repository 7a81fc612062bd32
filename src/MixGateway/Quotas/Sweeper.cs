namespace MixGateway.Quotas;

/// <summary>
/// Looks after calls whose owner did not: books what is settled, declares dead what is silent, and books that. What a shard has
/// is handled by the hundred and to its end, so that also a gateway that dies with thousands of calls has all of them settled at once.
/// </summary>
internal sealed partial class Sweeper(ShardStore shards, CallStore calls, ISweepBooks books, HotStoreStatus status, ILogger<Sweeper> logger)
{
    /// <summary>One round over every shard. May run on any number of replicas at once.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        await calls.ReleaseInDoubtAsync().ConfigureAwait(false);
        var booksAnswer = true;
        for (var shard = 0; shard < AccountShard.Count; shard++)
        {
            SweptSome swept;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                var claim = await shards.ClaimAsync(shard).ConfigureAwait(false);
                if (claim.IsDown)
                {
                    return;
                }

                if (claim.IsBroken)
                {
                    break;
                }

                status.Count(shard, claim.Calls);
                swept = await LookAfterAsync(claim, booksAnswer, cancellationToken).ConfigureAwait(false);
                booksAnswer = swept.BooksAnswer;
            }
            while (swept.MayBeMore);
        }
    }

    /// <summary>Without the books, what is silent is still declared dead; it is booked once they answer.</summary>
    private async Task<SweptSome> LookAfterAsync(ClaimAnswer claim, bool booksAnswer, CancellationToken cancellationToken)
    {
        var toBook = new List<StoredCall>(claim.Due.Count);
        var silent = new List<StoredCall>();
        foreach (var call in claim.Due)
        {
            (call.State is StoredCallState.Held ? silent : toBook).Add(call);
        }

        await AbandonAsync(silent, toBook).ConfigureAwait(false);
        if (booksAnswer && toBook.Count > 0)
        {
            booksAnswer = await BookAsync(toBook, cancellationToken).ConfigureAwait(false);
        }

        // These are not due again for a while, so a shard comes to its end, also one with calls that cannot be handled.
        return new SweptSome(booksAnswer, claim.IsFull && toBook.Count + claim.Forgotten > 0);
    }

    private async Task AbandonAsync(List<StoredCall> silent, List<StoredCall> toBook)
    {
        var answers = await Task.WhenAll(silent.ConvertAll(call => shards.AbandonAsync(call).AsTask())).ConfigureAwait(false);
        foreach (var answer in answers)
        {
            if (answer is { } abandoned)
            {
                toBook.Add(abandoned);
                status.CountAbandoned();
                Log.Abandoned(logger, abandoned.RequestId, abandoned.AccountId);
            }
        }
    }

    /// <returns>False once a store did not answer: asking it again in this round would only take time.</returns>
    private async Task<bool> BookAsync(List<StoredCall> toBook, CancellationToken cancellationToken)
    {
        var answers = await books.BookAsync(toBook, cancellationToken).ConfigureAwait(false);
        var acknowledged = new List<Task<bool>>(toBook.Count);
        for (var i = 0; i < toBook.Count; i++)
        {
            if (answers[i].Booking is { } booking)
            {
                acknowledged.Add(shards.AckAsync(toBook[i], booking).AsTask());
            }
        }

        var answered = await Task.WhenAll(acknowledged).ConfigureAwait(false);
        return Array.TrueForAll(answered, static answer => answer) && !Array.Exists(answers, static answer => answer.IsDown);
    }

    /// <param name="MayBeMore">True if the shard may have more that is due.</param>
    private readonly record struct SweptSome(bool BooksAnswer, bool MayBeMore);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {RequestId} of account {AccountId} is abandoned: its gateway was silent for a lease", EventName = "CallAbandoned")]
        public static partial void Abandoned(ILogger logger, Guid requestId, Guid accountId);
    }
}
