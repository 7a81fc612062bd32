namespace MixGateway.Forwarding;

/// <summary>
/// Keeps the connection of a caller who waits for a stream alive: a comment (<c>: ping</c>) after each interval in which nothing went out, never
/// inside of an event. Proxies in front of a gateway cut what is silent for a minute, and a model may think for longer.
/// </summary>
/// <remarks>The first comment begins the response with status 200: from then on no other provider is asked, and an error is an event.</remarks>
internal sealed class StreamHeartbeat : IAsyncDisposable
{
    private readonly HttpContext _context;
    private readonly TimeSpan _interval;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ITimer _timer;
    private Task _beat = Task.CompletedTask;
    private bool _ended;

    /// <summary>Begins to wait.</summary>
    /// <param name="interval">Above zero.</param>
    public StreamHeartbeat(HttpContext context, TimeSpan interval, TimeProvider time)
    {
        _context = context;
        _interval = interval;
        _timer = time.CreateTimer(static state => ((StreamHeartbeat)state!).OnTimer(), this, interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits until no comment is being written; none is until <see cref="Leave"/>.</summary>
    public Task EnterAsync() => _writing.WaitAsync(CancellationToken.None);

    /// <summary>Something was written: the silence begins anew.</summary>
    public void Leave()
    {
        _writing.Release();
        _timer.Change(_interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>No comment follows.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _writing.WaitAsync(CancellationToken.None);
        _ended = true;
        _writing.Release();
        await _beat;
        _writing.Dispose();
    }

    private void OnTimer()
    {
        // Somebody who writes re-arms the timer when they are done.
        if (_writing.Wait(0, CancellationToken.None))
        {
            _beat = BeatAsync();
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            if (_ended || _context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            if (!_context.Response.HasStarted)
            {
                StreamHeaders.Set(_context.Response, StatusCodes.Status200OK);
            }

            await _context.Response.BodyWriter.WriteAsync(": ping\n\n"u8.ToArray(), _context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller left: whoever runs the call sees that for itself.
        }
        finally
        {
            Leave();
        }
    }
}
