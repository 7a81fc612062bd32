using System.Buffers;

namespace MixGateway.OpenAI;

/// <summary>Bytes that grow at the end, in one array of the shared pool. What it showed before is invalid after any change.</summary>
internal sealed class PooledBytes : IDisposable
{
    /// <summary>Above this an emptied buffer goes back to the pool: one long event must not cost memory for the rest of a stream.</summary>
    private const int RetainedCapacity = 128 * 1024;

#if DEBUG
    private const int FirstCapacity = 16; // every test then also exercises growth
#else
    private const int FirstCapacity = 2048;
#endif

    private byte[] _array = [];
    private int _length;
    private bool _disposed;

    public int Length => _length;

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, _length);

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, _length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Room for at least <paramref name="size"/> more bytes; <see cref="Advance"/> says how many were written.</summary>
    public Span<byte> GetSpan(int size)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_array.Length - _length < size)
        {
            Grow(checked(_length + size));
        }

        return _array.AsSpan(_length);
    }

    public void Advance(int count) => _length += count;

    public void Truncate(int length) => _length = Math.Min(_length, length);

    public void RemoveFirst(int count)
    {
        _array.AsSpan(count, _length - count).CopyTo(_array);
        _length -= count;
    }

    public void Clear()
    {
        _length = 0;
        if (_array.Length > RetainedCapacity)
        {
            Return();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _length = 0;
        Return();
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(Math.Max(FirstCapacity, _array.Length * 2L), Array.MaxLength)));
        _array.AsSpan(0, _length).CopyTo(larger);
        Return();
        _array = larger;
    }

    private void Return()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }
    }
}
