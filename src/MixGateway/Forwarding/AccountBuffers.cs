namespace MixGateway.Forwarding;

/// <summary>What the calls of one account hold of the <see cref="BufferBudget"/>. Exists while the account has a call that holds something.</summary>
internal sealed class AccountBuffers(Guid accountId)
{
    private long _used;
    private int _calls;

    public Guid AccountId => accountId;

    /// <summary>Adds bytes, or takes them away if negative.</summary>
    /// <returns>Bytes held after that.</returns>
    public long Add(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>A call of the account begins to hold something.</summary>
    /// <returns>False if the last one has just left: this object is then the account's no longer.</returns>
    public bool TryEnter()
    {
        for (var calls = Volatile.Read(ref _calls); calls >= 0;)
        {
            var found = Interlocked.CompareExchange(ref _calls, calls + 1, calls);
            if (found == calls)
            {
                return true;
            }

            calls = found;
        }

        return false;
    }

    /// <summary>A call of the account holds nothing any more.</summary>
    /// <returns>True if it was the last one.</returns>
    public bool Leave() => Interlocked.Decrement(ref _calls) == 0 && Interlocked.CompareExchange(ref _calls, -1, 0) == 0;
}
