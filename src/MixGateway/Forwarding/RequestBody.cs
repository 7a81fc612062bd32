using System.IO.Pipelines;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>What came of reading a body, or a part of it.</summary>
internal enum BodyReadResult
{
    Read,

    /// <summary>It is not an ordinary small body: check the caller before more of it is taken, then go on.</summary>
    Unchecked,
    TooLarge,

    /// <summary>The calls of all, or of this account, hold too much already.</summary>
    OverBudget,

    /// <summary>It was not there whole in time, or came more slowly than Kestrel's minimum data rate.</summary>
    TooSlow,

    /// <summary>The caller left, or broke HTTP's framing.</summary>
    Broken,
}

/// <summary>What a body may be.</summary>
/// <param name="MaxBytes">A longer one is too large.</param>
/// <param name="Timeout">From the call's arrival until the body is there whole.</param>
internal readonly record struct BodyLimits(long MaxBytes, TimeSpan Timeout);

/// <summary>Keeps a body's memory until it is returned, which has to be done once.</summary>
internal readonly struct BodyLease(RequestBody body, ReadOnlyMemory<byte> memory)
{
    /// <summary>The whole body.</summary>
    public ReadOnlyMemory<byte> Memory { get; } = memory;

    public void Return() => body.EndLease();
}

/// <summary>
/// A request's body in one piece of memory, taken from the budget as it arrives. Never a file: prompts do not belong on disk.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>What is kept after the answer began, to estimate the prompt's tokens if the provider does not report them.</summary>
    public const int SampleLength = 64 * 1024;

    /// <summary>Up to this many bytes a body that comes at once is read before the caller is checked: one round trip less.</summary>
    public const int OrdinaryLength = 64 * 1024;

    /// <summary>How long a small body may take to come before its caller is checked.</summary>
    private static readonly TimeSpan OrdinaryTime = TimeSpan.FromMilliseconds(250);

    private readonly IByteBudget _budget;
    private readonly BodyLimits _limits;
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Lock _lock = new();
    private PooledBytes _bytes;
    private PooledBytes? _leftBehind;
    private int _leases;

    public RequestBody(IByteBudget budget, BodyLimits limits, TimeProvider time)
    {
        _bytes = new PooledBytes(budget);
        _budget = budget;
        _limits = limits;
        _time = time;
        _startedAt = time.GetTimestamp();
    }

    public int Length => _bytes.Length;

    /// <summary>The body; after <see cref="KeepSample"/> only its first part.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.Memory;

    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>Reads the body to its end, or until the caller has to be checked; what was read before stays.</summary>
    /// <param name="isChecked">True if the caller was checked, so that anything within the limits may be read.</param>
    public async ValueTask<BodyReadResult> ReadAsync(HttpRequest request, bool isChecked, CancellationToken cancellationToken)
    {
        if (request.ContentLength > _limits.MaxBytes)
        {
            return BodyReadResult.TooLarge;
        }

        if (!isChecked && request.ContentLength > OrdinaryLength)
        {
            return BodyReadResult.Unchecked;
        }

        try
        {
            return await FillAsync(request.BodyReader, isChecked, cancellationToken);
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => BodyReadResult.TooSlow,
                StatusCodes.Status413PayloadTooLarge => BodyReadResult.TooLarge,
                _ => BodyReadResult.Broken,
            };
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return BodyReadResult.Broken;
        }
    }

    /// <summary>
    /// Keeps the whole body's memory until the lease is returned, whatever becomes of the call: an HTTP client may read it for longer than
    /// its attempt lasts. Any thread may call it, also while the call ends.
    /// </summary>
    /// <param name="length">Of the whole body.</param>
    /// <returns>False if the body is no longer here whole.</returns>
    public bool TryLease(int length, out BodyLease lease)
    {
        lock (_lock)
        {
            if (_leftBehind is null && _bytes.Length == length && length > 0)
            {
                _leases++;
                lease = new BodyLease(this, _bytes.Memory);
                return true;
            }
        }

        lease = default;
        return false;
    }

    /// <summary>Ends one lease; the memory that the body has left behind goes back with the last one.</summary>
    public void EndLease()
    {
        PooledBytes? whole = null;
        lock (_lock)
        {
            if (--_leases == 0)
            {
                whole = _leftBehind;
            }
        }

        whole?.Dispose();
    }

    /// <summary>Gives back all but the first <see cref="SampleLength"/> bytes; if they are leased, with the last lease.</summary>
    public void KeepSample()
    {
        lock (_lock)
        {
            if (_leases == 0)
            {
                _bytes.Trim(SampleLength);
                return;
            }

            if (_leftBehind is not null || _bytes.Length <= SampleLength)
            {
                return;
            }

            var sample = new PooledBytes(_budget);
            if (sample.TryAppend(_bytes.Span[..SampleLength]))
            {
                _leftBehind = _bytes;
                _bytes = sample;
            }
            else
            {
                // There is no room for both: the whole stays until the end of the call.
                sample.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_leases > 0 && _leftBehind is null)
            {
                _leftBehind = _bytes;
                _bytes = new PooledBytes(_budget);
            }

            _bytes.Dispose();
        }
    }

    private async ValueTask<BodyReadResult> FillAsync(PipeReader reader, bool isChecked, CancellationToken cancellationToken)
    {
        ITimer? deadline = null;
        try
        {
            while (true)
            {
                var pending = reader.ReadAsync(cancellationToken);
                if (!pending.IsCompleted)
                {
                    deadline ??= _time.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), reader, Left(), Timeout.InfiniteTimeSpan);
                }

                var read = await pending;
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return BodyReadResult.TooSlow;
                }

                if (Take(reader, read, isChecked) is { } result)
                {
                    return result;
                }
            }
        }
        finally
        {
            if (deadline is not null)
            {
                // Waits for a callback that runs: the reader serves the connection's next request too.
                await deadline.DisposeAsync();
            }
        }
    }

    /// <returns>Null to go on.</returns>
    private BodyReadResult? Take(PipeReader reader, ReadResult read, bool isChecked)
    {
        var buffer = read.Buffer;
        var length = Length + buffer.Length;
        if (length > _limits.MaxBytes)
        {
            reader.AdvanceTo(buffer.End);
            return BodyReadResult.TooLarge;
        }

        if (!isChecked && length > OrdinaryLength)
        {
            reader.AdvanceTo(buffer.Start);
            return BodyReadResult.Unchecked;
        }

        foreach (var piece in buffer)
        {
            if (!_bytes.TryAppend(piece.Span))
            {
                reader.AdvanceTo(buffer.End);
                return BodyReadResult.OverBudget;
            }
        }

        reader.AdvanceTo(buffer.End);
        if (read.IsCompleted)
        {
            return BodyReadResult.Read;
        }

        return !isChecked && _time.GetElapsedTime(_startedAt) > OrdinaryTime ? BodyReadResult.Unchecked : null;
    }

    private TimeSpan Left()
    {
        var left = _limits.Timeout - _time.GetElapsedTime(_startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
