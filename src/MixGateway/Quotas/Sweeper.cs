namespace MixGateway.Quotas;

/// <summary>
/// Looks after calls whose owner did not: books what is settled, declares dead what is silent, and books that. What a shard has
/// is handled by the hundred and to its end, so that also a gateway that dies with thousands of calls has all of them settled at once.
/// </summary>
internal sealed partial class Sweeper(ShardStore shards, CallStore calls, ISweepBooks books, HotStoreStatus status, ILogger<Sweeper> logger)
{
    private readonly bool[] _foreign = new bool[AccountShard.Count];

    /// <summary>One round over every shard. May run on any number of replicas at once.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (shards.AreOwned && !status.Answers)
        {
            // Whose the contents are is not known, or they are another database's.
            return;
        }

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

                SayWhose(shard, claim.IsForeign);
                if (claim.IsBroken || claim.IsForeign)
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
                if (toBook[i] is { State: StoredCallState.Abandoned, IsDebit: false } && booking.AtBooking)
                {
                    // Only now: after a failover to a copy that had fallen behind, calls look silent whose records are in the database.
                    status.CountAbandoned();
                    Log.Abandoned(logger, toBook[i].RequestId, toBook[i].AccountId);
                }

                acknowledged.Add(shards.AckAsync(toBook[i], booking).AsTask());
            }
        }

        var answered = await Task.WhenAll(acknowledged).ConfigureAwait(false);
        return Array.TrueForAll(answered, static answer => answer) && !Array.Exists(answers, static answer => answer.IsDown);
    }

    /// <summary>Once for each shard, until it is this gateway's again.</summary>
    private void SayWhose(int shard, bool isForeign)
    {
        if (_foreign[shard] != isForeign)
        {
            _foreign[shard] = isForeign;
            if (isForeign)
            {
                Log.Foreign(logger, shard);
            }
        }
    }

    /// <param name="MayBeMore">True if the shard may have more that is due.</param>
    private readonly record struct SweptSome(bool BooksAnswer, bool MayBeMore);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Call {RequestId} of account {AccountId} is abandoned: its gateway was silent for a lease", EventName = "CallAbandoned")]
        public static partial void Abandoned(ILogger logger, Guid requestId, Guid accountId);

        [LoggerMessage(2, LogLevel.Error, "Shard {Shard} of the hot store holds calls of another database: they are left alone, and accounts of this shard get 503 until those calls are gone. Give each installation its own Redis or Quotas:KeyPrefix", EventName = "ShardForeign")]
        public static partial void Foreign(ILogger logger, int shard);
    }
}
