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

    private readonly PooledBytes _bytes;
    private readonly BodyLimits _limits;
    private readonly TimeProvider _time;
    private readonly long _startedAt;

    public RequestBody(IByteBudget budget, BodyLimits limits, TimeProvider time)
    {
        _bytes = new PooledBytes(budget);
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

    /// <summary>Gives back all but the first <see cref="SampleLength"/> bytes.</summary>
    public void KeepSample() => _bytes.Trim(SampleLength);

    public void Dispose() => _bytes.Dispose();

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
