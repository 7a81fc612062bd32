using System.Buffers;
using System.IO.Pipelines;

namespace MixGateway.Forwarding;

/// <summary>Why a body could not be read.</summary>
internal enum BodyReadResult
{
    Read,
    TooLarge,
    OverBudget,

    /// <summary>The caller sent it too slowly (Kestrel's minimum data rate).</summary>
    TooSlow,

    /// <summary>The caller left, or broke HTTP's framing.</summary>
    Broken,
}

/// <summary>
/// A request's body in one pooled array, within its own limit and the budget of all calls. Never a file: prompts do not
/// belong on disk.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>What is kept after the answer began, to estimate the prompt's tokens if the provider does not report them.</summary>
    public const int SampleLength = 64 * 1024;

    private const int FirstRent = 4096;

    private readonly BufferBudget _budget;
    private byte[] _array = [];
    private long _taken;

    private RequestBody(BufferBudget budget) => _budget = budget;

    public int Length { get; private set; }

    /// <summary>The body; after <see cref="KeepSample"/> only its first part.</summary>
    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Reads the whole body. Whatever the result, the returned body has to be disposed.</summary>
    public static async ValueTask<(BodyReadResult Result, RequestBody Body)> ReadAsync(
        HttpRequest request, long limit, BufferBudget budget, CancellationToken cancellationToken)
    {
        var body = new RequestBody(budget);
        if (request.ContentLength > limit)
        {
            return (BodyReadResult.TooLarge, body);
        }

        if (!body.Grow((int)(request.ContentLength ?? FirstRent)))
        {
            return (BodyReadResult.OverBudget, body);
        }

        try
        {
            return (await body.FillAsync(request.BodyReader, limit, cancellationToken), body);
        }
        catch (BadHttpRequestException e)
        {
            return (e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => BodyReadResult.TooSlow,
                StatusCodes.Status413PayloadTooLarge => BodyReadResult.TooLarge,
                _ => BodyReadResult.Broken,
            }, body);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (BodyReadResult.Broken, body);
        }
    }

    /// <summary>Gives back all but the first <see cref="SampleLength"/> bytes.</summary>
    public void KeepSample()
    {
        if (Length <= SampleLength)
        {
            return;
        }

        var sample = ArrayPool<byte>.Shared.Rent(SampleLength);
        _array.AsSpan(0, SampleLength).CopyTo(sample);
        ArrayPool<byte>.Shared.Return(_array);
        _array = sample;
        Length = SampleLength;

        // The sample keeps its part of the budget. Were it all given back, another body could take it before the sample does.
        _budget.Return(_taken - sample.Length);
        _taken = sample.Length;
    }

    public void Dispose()
    {
        Release();
        Length = 0;
    }

    private async ValueTask<BodyReadResult> FillAsync(PipeReader reader, long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (Length + buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                return BodyReadResult.TooLarge;
            }

            if (Length + buffer.Length > _array.Length && !Grow((int)(Length + buffer.Length)))
            {
                reader.AdvanceTo(buffer.End);
                return BodyReadResult.OverBudget;
            }

            buffer.CopyTo(_array.AsSpan(Length));
            Length += (int)buffer.Length;
            reader.AdvanceTo(buffer.End);
            if (read.IsCompleted)
            {
                return BodyReadResult.Read;
            }
        }
    }

    /// <summary>At least doubles, so that a body without a length is copied a bounded number of times.</summary>
    private bool Grow(int needed)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(_array.Length, int.MaxValue / 4) * 2));
        if (!_budget.TryTake(grown.Length))
        {
            ArrayPool<byte>.Shared.Return(grown);
            return false;
        }

        Span.CopyTo(grown);
        Release();
        _taken = grown.Length;
        _array = grown;
        return true;
    }

    private void Release()
    {
        _budget.Return(_taken);
        _taken = 0;
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }
    }
}
