using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace MixGateway.Authentication;

/// <summary>
/// A bounded memory by key hash, for any number of threads. Two generations: when the young one is full it becomes the old one,
/// whose entries are lost unless they are used. So a flood pushes out what nobody asks for, and never everything at once.
/// </summary>
/// <param name="capacity">Entries of both generations together.</param>
internal sealed class RecentEntries<TValue>(int capacity)
{
    private readonly Lock _turning = new();
    private readonly int _generation = capacity / 2;
    private volatile ConcurrentDictionary<KeyHash, TValue> _young = new();
    private volatile ConcurrentDictionary<KeyHash, TValue> _old = new();
    private int _count;

    public bool TryGet(KeyHash hash, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(hash, out value))
        {
            return true;
        }

        if (!_old.TryGetValue(hash, out value))
        {
            return false;
        }

        if (_young.TryAdd(hash, value))
        {
            Counted();
        }

        return true;
    }

    public void Set(KeyHash hash, TValue value)
    {
        if (_young.TryAdd(hash, value))
        {
            Counted();
        }
        else
        {
            _young[hash] = value;
        }
    }

    public void Remove(KeyHash hash)
    {
        _young.TryRemove(hash, out _);
        _old.TryRemove(hash, out _);
    }

    private void Counted()
    {
        if (Interlocked.Increment(ref _count) < _generation)
        {
            return;
        }

        lock (_turning)
        {
            if (Volatile.Read(ref _count) >= _generation)
            {
                _old = _young;
                _young = new ConcurrentDictionary<KeyHash, TValue>();
                Volatile.Write(ref _count, 0);
            }
        }
    }
}
