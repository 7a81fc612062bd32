using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// What one call holds of the <see cref="BufferBudget"/>: its body, and what is kept of its answer. Thread-safe.
/// </summary>
internal sealed class CallBuffers(BufferBudget budget, Guid accountId) : IByteBudget, IDisposable
{
    /// <summary>
    /// What a running call costs however small it is: two connections and the buffers on both sides. Its own first bytes are part of it.
    /// </summary>
    public const int BaseBytes = 32 * 1024;

    /// <summary>Free of charge before the call is checked: a small body costs no accounting.</summary>
    private const int FreeBytes = 8 * 1024;

    private readonly Lock _lock = new();
    private AccountBuffers? _account;
    private long _held;
    private long _counted;
    private bool _begun;
    private bool _ended;

    /// <summary>The call is about to run: from here on it costs at least <see cref="BaseBytes"/>.</summary>
    /// <returns>False if they do not fit.</returns>
    public bool TryBegin()
    {
        lock (_lock)
        {
            _begun = true;
            return TryCount();
        }
    }

    /// <inheritdoc/>
    public bool TryTake(long bytes)
    {
        lock (_lock)
        {
            _held += bytes;
            if (!_ended && TryCount())
            {
                return true;
            }

            _held -= bytes;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Return(long bytes)
    {
        lock (_lock)
        {
            _held -= bytes;
            Settle();
        }
    }

    /// <summary>The call is over. What it still holds, as a body that is still being sent, counts until it is given back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            Settle();
        }
    }

    private long Due()
    {
        if (_ended)
        {
            return Math.Min(_counted, _held);
        }

        return _begun ? Math.Max(BaseBytes, _held) : Math.Max(0, _held - FreeBytes);
    }

    private bool TryCount()
    {
        var more = Due() - _counted;
        if (more <= 0)
        {
            return true;
        }

        _account ??= budget.Open(accountId);
        if (!budget.TryTake(_account, more))
        {
            return false;
        }

        _counted += more;
        return true;
    }

    private void Settle()
    {
        if (_account is not { } account)
        {
            return;
        }

        var over = _counted - Due();
        if (over > 0)
        {
            _counted -= over;
            budget.Return(account, over);
        }

        if (_ended && _held == 0)
        {
            _account = null;
            budget.Close(account);
        }
    }
}
