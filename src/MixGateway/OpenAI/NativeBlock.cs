using System.Buffers;
using System.Runtime.InteropServices;

namespace MixGateway.OpenAI;

/// <summary>
/// Memory outside the managed heap, for what is too large for an array. A page counts for the process from its first write until
/// <see cref="Trim"/> or the end: neither a collection nor a pool keeps it longer. Linux only.
/// </summary>
/// <remarks>Not thread-safe, but for pins: memory that is pinned stays until it is unpinned, also if it is disposed meanwhile.</remarks>
internal sealed unsafe partial class NativeBlock : MemoryManager<byte>
{
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int PrivateAnonymousNoReserve = 0x4022; // MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    private const int MayMove = 1; // MREMAP_MAYMOVE
    private const int NoHugePages = 15; // MADV_NOHUGEPAGE: a first byte must not cost 2 MiB

    private static readonly nint Failed = -1;

    private nint _start;
    private int _users = 1;
    private bool _disposed;

    private NativeBlock(nint start, int capacity)
    {
        _start = start;
        Capacity = capacity;
    }

    /// <summary>False where the system has no such memory: arrays serve there.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Bytes that may be written; those never written cost nothing.</summary>
    public int Capacity { get; private set; }

    /// <returns>Null if the system gives none.</returns>
    public static NativeBlock? TryCreate(int capacity)
    {
        capacity = WholePages(capacity);
        var start = Map(0, (nuint)capacity, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        if (start == Failed)
        {
            return null;
        }

        // Where the kernel knows no huge pages this fails and is not needed.
        _ = Advise(start, (nuint)capacity, NoHugePages);
        return new NativeBlock(start, capacity);
    }

    /// <summary>Makes room for more without copying. Spans of before are invalid afterwards.</summary>
    /// <returns>False, and nothing changed, if the system gives no more.</returns>
    public bool TryGrow(int capacity)
    {
        ThrowIfDisposed();
        capacity = WholePages(capacity);
        var start = Remap(_start, (nuint)Capacity, (nuint)capacity, MayMove);
        if (start == Failed)
        {
            return false;
        }

        _start = start;
        Capacity = capacity;
        return true;
    }

    /// <summary>Gives back the pages behind the first <paramref name="length"/> bytes, at least one stays.</summary>
    public void Trim(int length)
    {
        ThrowIfDisposed();
        var kept = WholePages(Math.Max(1, length));
        if (kept < Capacity && Unmap(_start + kept, (nuint)(Capacity - kept)) == 0)
        {
            Capacity = kept;
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ThrowIfDisposed();
        return new Span<byte>((void*)_start, Capacity);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)Capacity, nameof(elementIndex));
        Interlocked.Increment(ref _users);
        return new MemoryHandle((byte*)_start + elementIndex, default, this);
    }

    /// <inheritdoc/>
    public override void Unpin() => Leave();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            Leave();
        }
    }

    private static int WholePages(int bytes)
    {
        var page = (long)Environment.SystemPageSize;
        return (int)Math.Min((bytes + page - 1) / page * page, int.MaxValue / page * page);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _ = Unmap(_start, (nuint)Capacity);
            _start = 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial nint Remap(nint address, nuint oldLength, nuint newLength, int flags);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
