using System.Buffers;

namespace MixGateway.OpenAI;

/// <summary>
/// Bytes that grow at the end: in an array of the shared pool while they are few, in a block of their own beyond that. What it
/// showed before is invalid after any change.
/// </summary>
/// <remarks>
/// All that is kept is taken from the budget first. What does not fit, or what the system does not have, is an
/// <see cref="InsufficientMemoryException"/>, as it is for any allocation; <see cref="TryAppend"/> says so instead.
/// </remarks>
/// <param name="budget">Null where the caller bounds what is kept.</param>
internal sealed class PooledBytes(IByteBudget? budget = null) : IDisposable
{
    /// <summary>Bytes of the longest array. A longer one would count for the process long after it was given back.</summary>
    public const int LargestArray = 64 * 1024;

    /// <summary>Above this an emptied buffer is given back: one long event must not cost memory for the rest of a stream.</summary>
    private const int RetainedCapacity = 128 * 1024;

    /// <summary>A block takes from the budget in steps of this size.</summary>
    private const int Step = 64 * 1024;

#if DEBUG
    private const int FirstCapacity = 16; // every test then also exercises growth
#else
    private const int FirstCapacity = 2048;
#endif

    private byte[] _array = [];
    private NativeBlock? _block;
    private int _length;
    private int _room;
    private bool _disposed;

    public int Length => _length;

    public ReadOnlySpan<byte> Span => Room[.._length];

    /// <summary>The same bytes, to be changed in place.</summary>
    public Span<byte> WritableSpan => Room[.._length];

    public ReadOnlyMemory<byte> Memory => _block is { } block ? block.Memory[.._length] : _array.AsMemory(0, _length);

    /// <summary>Bytes taken from the budget.</summary>
    public int Taken => _room;

    private Span<byte> Room => _block is { } block ? block.GetSpan()[.._room] : _array;

    /// <exception cref="InsufficientMemoryException">There is no room.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    /// <returns>False, and nothing appended, if there is no room.</returns>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_room - _length < bytes.Length && !TryGrow((long)_length + bytes.Length))
        {
            return false;
        }

        bytes.CopyTo(Room[_length..]);
        _length += bytes.Length;
        return true;
    }

    /// <summary>Room for at least <paramref name="size"/> more bytes; <see cref="Advance"/> says how many were written.</summary>
    /// <exception cref="InsufficientMemoryException">There is no room.</exception>
    public Span<byte> GetSpan(int size)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_room - _length < size && !TryGrow((long)_length + size))
        {
            throw new InsufficientMemoryException("The memory that calls may use is used up.");
        }

        return Room[_length..];
    }

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int size)
    {
        GetSpan(size);
        return _block is { } block ? block.Memory[_length.._room] : _array.AsMemory(_length);
    }

    public void Advance(int count) => _length += count;

    public void Truncate(int length) => _length = Math.Min(_length, length);

    /// <summary>Keeps the first <paramref name="length"/> bytes and gives back the memory of the others.</summary>
    public void Trim(int length)
    {
        Truncate(length);
        if (_block is { } block)
        {
            TrimBlock(block);
        }
        else if (_array.Length > LargestArray && _length <= LargestArray)
        {
            var kept = ArrayPool<byte>.Shared.Rent(LargestArray);
            Span.CopyTo(kept);
            ReturnArray();
            _array = kept;
            GiveBack(kept.Length);
        }
    }

    public void RemoveFirst(int count)
    {
        Room[count.._length].CopyTo(Room);
        _length -= count;
    }

    public void Clear()
    {
        _length = 0;
        if (_room > RetainedCapacity)
        {
            Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _length = 0;
        Release();
    }

    private static int Steps(long length) => (int)Math.Min((length + Step - 1) / Step * Step, Array.MaxLength);

    private bool TryGrow(long needed)
    {
        if (needed > Array.MaxLength)
        {
            return false;
        }

        return needed > LargestArray && NativeBlock.IsSupported ? TryGrowBlock((int)needed) : TryGrowArray((int)needed);
    }

    /// <summary>At least doubles, so that what grows in small pieces is copied a bounded number of times.</summary>
    private bool TryGrowArray(int needed)
    {
        var twice = (int)Math.Min(Math.Max(FirstCapacity, _array.Length * 2L), Array.MaxLength);
        byte[] larger;
        try
        {
            larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, NativeBlock.IsSupported ? Math.Min(twice, LargestArray) : twice));
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        if (budget?.TryTake(larger.Length) == false)
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }

        Span.CopyTo(larger);
        Release();
        _array = larger;
        _room = larger.Length;
        return true;
    }

    private bool TryGrowBlock(int needed)
    {
        var room = Steps(needed);
        if (budget?.TryTake(room - _room) == false)
        {
            return false;
        }

        if (_block is { } block ? block.Capacity >= room || block.TryGrow(Twice(block.Capacity, room)) : TryMoveToBlock(room))
        {
            _room = room;
            return true;
        }

        budget?.Return(room - _room);
        return false;
    }

    private bool TryMoveToBlock(int room)
    {
        if (NativeBlock.TryCreate(Twice(room, room)) is not { } block)
        {
            return false;
        }

        Span.CopyTo(block.GetSpan());
        ReturnArray();
        _block = block;
        return true;
    }

    /// <summary>What is not written costs nothing, so the room for more is generous.</summary>
    private static int Twice(int capacity, int atLeast) => (int)Math.Max(atLeast, Math.Min(capacity * 2L, Array.MaxLength));

    private void TrimBlock(NativeBlock block)
    {
        var room = Steps(Math.Max(1, _length));
        if (room < _room)
        {
            block.Trim(room);
            GiveBack(room);
        }
    }

    /// <summary>After the memory is given back, not before: another could take it while it is still here.</summary>
    private void GiveBack(int room)
    {
        budget?.Return(_room - room);
        _room = room;
    }

    private void Release()
    {
        ((IDisposable?)_block)?.Dispose();
        _block = null;
        ReturnArray();
        if (_room > 0)
        {
            GiveBack(0);
        }
    }

    private void ReturnArray()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }
    }
}
