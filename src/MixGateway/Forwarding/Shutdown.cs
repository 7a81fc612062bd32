using Microsoft.AspNetCore.Connections.Features;

namespace MixGateway.Forwarding;

/// <summary>
/// The first steps of a stop. From SIGTERM on the gateway says that it is not ready and asks callers to leave their connections, but
/// for <c>ShutdownDelay</c> it takes calls as before: until a load balancer has noticed, they still come here. Then new calls are
/// refused and the running ones have <c>ShutdownTimeout</c>. The listener closes when they have ended: until then metrics and health
/// answer, and callers on kept connections get 503 instead of a reset.
/// </summary>
internal sealed partial class Shutdown : IHostedLifecycleService, IDisposable
{
    /// <summary>So long callers on kept connections are refused in words although no call runs any more.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly ShutdownTimes _times;
    private readonly RunningCalls _running;
    private readonly OpenConnections _connections;
    private readonly TimeProvider _time;
    private readonly ILogger<Shutdown> _logger;
    private readonly CancellationTokenRegistration _stopping;
    private long _begun;

    public Shutdown(ShutdownTimes times, RunningCalls running, OpenConnections connections, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Shutdown> logger)
    {
        _times = times;
        _running = running;
        _connections = connections;
        _time = time;
        _logger = logger;
        _stopping = lifetime.ApplicationStopping.Register(Begin);
    }

    /// <summary>True from SIGTERM on.</summary>
    public bool HasBegun => Volatile.Read(ref _begun) != 0;

    /// <summary>True once the server listens: from then on there may be calls to be ended.</summary>
    public bool HasServed { get; private set; }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The first thing after the server listens.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        HasServed = true;
        return Task.CompletedTask;
    }

    /// <summary>Runs before any service of the host is stopped, Kestrel among them.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        var rest = _times.Delay - _time.GetElapsedTime(Volatile.Read(ref _begun));
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Refuse();
        await DrainAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    /// <summary>Asks the caller not to use this connection again: the next call finds another gateway by itself.</summary>
    public static void AskToLeave(HttpContext context)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol) || HttpProtocol.IsHttp3(context.Request.Protocol))
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            return;
        }

        // Set when the headers go out: an error clears the headers set before.
        context.Response.OnStarting(
            static state =>
            {
                ((HttpContext)state).Response.Headers.Connection = "close";
                return Task.CompletedTask;
            },
            context);
    }

    private void Begin()
    {
        if (Interlocked.CompareExchange(ref _begun, Math.Max(1, _time.GetTimestamp()), 0) != 0)
        {
            return;
        }

        Log.Begun(_logger, _running.Count, _times.Delay, _times.Timeout);
        if (_times.Delay == TimeSpan.Zero)
        {
            Refuse();
        }
    }

    /// <summary>Until the running calls have ended, or their time has; what runs then is cut off by <see cref="RunningCalls"/>.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var refused = _time.GetTimestamp();
        var linger = Linger < _times.Timeout ? Linger : _times.Timeout;
        while (!cancellationToken.IsCancellationRequested)
        {
            var elapsed = _time.GetElapsedTime(refused);
            if (elapsed >= _times.Timeout || (_running.Count == 0 && (_connections.Count == 0 || elapsed >= linger)))
            {
                return;
            }

            await Task.Delay(Look, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Refuse() => _running.RefuseNew();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Stopping with {Calls} running calls: new ones are taken for {Delay} more, and the running ones then have {Timeout}", EventName = "ShutdownBegun")]
        public static partial void Begun(ILogger logger, int calls, TimeSpan delay, TimeSpan timeout);
    }
}
