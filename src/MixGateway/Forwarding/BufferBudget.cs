using System.Collections.Concurrent;

namespace MixGateway.Forwarding;

/// <summary>
/// The bytes that all calls together may hold in memory (<c>Limits:MaxBufferedBytes</c>): request bodies, answers that are held
/// whole, long events. One caller's large uploads must not end the process, nor the calls of others.
/// </summary>
/// <remarks>
/// The share of an account is what it leaves to the others: it may hold as much as is still free. Alone it gets half, beside
/// another that takes all it can a third, so there is always something left for the next. One body of the largest size always
/// fits into a share.
/// </remarks>
/// <param name="limit">Bytes of all calls together.</param>
/// <param name="largestBody">Bytes of the largest request body that is taken.</param>
internal sealed class BufferBudget(long limit, long largestBody)
{
    /// <summary>
    /// What calls may hold beside the heap, as a part of the heap's limit. That is 55 % of a container (MixGateway.csproj), so both are
    /// three quarters of it, and the last one is for the runtime itself.
    /// </summary>
    private const int Part = 3;

    /// <summary>The default where there is plenty: enough for thousands of calls at a time.</summary>
    private const long MostByDefault = 1024L * 1024 * 1024;

    private readonly long _floor = largestBody + CallBuffers.BaseBytes + (2 * 64 * 1024);
    private readonly ConcurrentDictionary<Guid, AccountBuffers> _accounts = new();
    private long _used;
    private long _refused;
    private long _refusedToAccounts;

    /// <summary>Bytes that may be held.</summary>
    public long Limit => limit;

    /// <summary>Bytes of the largest request body: where memory is short, less than <c>Limits:MaxRequestBody</c>.</summary>
    public long LargestBody => largestBody;

    /// <summary>Bytes held now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>How often something did not fit into the whole.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>How often something did not fit into its account's share.</summary>
    public long RefusedToAccounts => Interlocked.Read(ref _refusedToAccounts);

    /// <summary>Accounts that hold something.</summary>
    public int Accounts => _accounts.Count;

    /// <summary>The limit where none is set.</summary>
    /// <param name="available">Bytes that the heap may use: its limit, or the machine's memory where it has none.</param>
    public static long DefaultLimit(long available) => Math.Min(available / Part, MostByDefault);

    /// <summary>The budget that the settings ask for.</summary>
    public static BufferBudget Of(LimitsOptions options)
    {
        var limit = options.MaxBufferedBytes ?? DefaultLimit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return new BufferBudget(limit, Math.Min(options.MaxRequestBody, limit));
    }

    /// <summary>The account's part; give it back with <see cref="Close"/>.</summary>
    public AccountBuffers Open(Guid accountId)
    {
        while (true)
        {
            var account = _accounts.GetOrAdd(accountId, static id => new AccountBuffers(id));
            if (account.TryEnter())
            {
                return account;
            }

            // Its last call is just leaving; whoever is first takes it out.
            _accounts.TryRemove(new KeyValuePair<Guid, AccountBuffers>(accountId, account));
        }
    }

    public void Close(AccountBuffers account)
    {
        if (account.Leave())
        {
            _accounts.TryRemove(new KeyValuePair<Guid, AccountBuffers>(account.AccountId, account));
        }
    }

    /// <summary>Takes <paramref name="bytes"/> for a call of the account; false, and nothing taken, if they do not fit.</summary>
    public bool TryTake(AccountBuffers account, long bytes)
    {
        var used = Interlocked.Add(ref _used, bytes);
        if (used > limit)
        {
            Interlocked.Add(ref _used, -bytes);
            Interlocked.Increment(ref _refused);
            return false;
        }

        if (account.Add(bytes) > Math.Max(limit - used, _floor))
        {
            Return(account, bytes);
            Interlocked.Increment(ref _refusedToAccounts);
            return false;
        }

        return true;
    }

    public void Return(AccountBuffers account, long bytes)
    {
        account.Add(-bytes);
        Interlocked.Add(ref _used, -bytes);
    }
}
