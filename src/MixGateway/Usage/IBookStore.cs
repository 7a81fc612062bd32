namespace MixGateway.Usage;

/// <summary>A balance as the database has it, in nano-units, with the account's version.</summary>
internal readonly record struct AccountBalance(Guid AccountId, long Balance, long Version);

/// <summary>What the database has on the accounts and calls of a group of records, while the group's accounts are locked.</summary>
/// <param name="Accounts">By account id; an account that does not exist is missing.</param>
/// <param name="Booked">By request id: the calls of the group that have a record already.</param>
internal sealed record BookState(Dictionary<Guid, AccountBalance> Accounts, Dictionary<Guid, BookedCharge> Booked);

/// <summary>A database's way to carry out what <see cref="Postings"/> decides.</summary>
internal interface IBookStore
{
    /// <summary>Begins a transaction, locks the accounts of the records in the order of their ids, and reads what is booked.</summary>
    Task<IBookTransaction> BeginAsync(IReadOnlyList<UsageRecord> records, CancellationToken cancellationToken);

    /// <summary>Puts a record aside, durably; once, however often it is told.</summary>
    Task RejectAsync(RejectedRecord rejected, CancellationToken cancellationToken);

    /// <summary>Throws if the database does not answer. May run beside a transaction.</summary>
    Task ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>One transaction; undone when disposed unless committed.</summary>
internal interface IBookTransaction : IAsyncDisposable
{
    BookState State { get; }

    /// <summary>Writes everything and commits. After an exception either all of it is durable or nothing.</summary>
    Task CommitAsync(Postings postings, CancellationToken cancellationToken);
}
