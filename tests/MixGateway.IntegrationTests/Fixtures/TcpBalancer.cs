using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>
/// A load balancer for connections, as a cluster's is: it asks each gateway a few times a second whether it is ready and gives new
/// connections to those that are. It never closes a connection by itself.
/// </summary>
internal sealed class TcpBalancer : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentDictionary<Uri, Backend> _backends = new();
    private readonly Task _accepting;
    private int _turn;

    public TcpBalancer()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Connections for which no gateway was ready.</summary>
    public int Unserved { get; private set; }

    /// <summary>Adds a gateway and returns when connections go to it.</summary>
    public async Task AddAsync(Uri gateway)
    {
        var backend = new Backend(gateway);
        backend.Watching = WatchAsync(backend);
        _backends[gateway] = backend;
        await Eventually.TrueAsync(() => Task.FromResult(backend.IsReady), $"{gateway} is ready");
    }

    /// <summary>Forgets a gateway that is gone.</summary>
    public void Remove(Uri gateway) => _backends.TryRemove(gateway, out _);

    public bool IsReady(Uri gateway) => _backends[gateway].IsReady;

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_backends.Values.Select(static backend => backend.Watching));
        _stopped.Dispose();
    }

    private async Task WatchAsync(Backend backend)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
        using var timer = new PeriodicTimer(Period);
        try
        {
            do
            {
                try
                {
                    using var answer = await client.GetAsync(new Uri(backend.Address, "/health/ready"), _stopped.Token);
                    backend.IsReady = answer.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    backend.IsReady = false;
                }
            }
            while (await timer.WaitForNextTickAsync(_stopped.Token) && _backends.ContainsKey(backend.Address));
        }
        catch (OperationCanceledException)
        {
            // The end of the test, or a gateway that takes too long to say that it is ready.
            backend.IsReady = false;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stopped.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task ServeAsync(Socket caller)
    {
        using var ours = caller;
        var ready = _backends.Values.Where(static backend => backend.IsReady).ToArray();
        if (ready.Length == 0)
        {
            Unserved++;
            return;
        }

        using var theirs = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        caller.NoDelay = true;
        try
        {
            await theirs.ConnectAsync(IPAddress.Loopback, ready[(int)((uint)Interlocked.Increment(ref _turn) % (uint)ready.Length)].Address.Port, _stopped.Token);
            await Task.WhenAll(PumpAsync(ours, theirs), PumpAsync(theirs, ours));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // Either end is gone; both sockets are closed, and the caller sees what the gateway did.
        }
    }

    /// <summary>Copies one direction, its end included.</summary>
    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        for (int read; (read = await from.ReceiveAsync(buffer, _stopped.Token)) > 0;)
        {
            await to.SendAsync(buffer.AsMemory(0, read), _stopped.Token);
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private sealed class Backend(Uri address)
    {
        public Uri Address => address;

        public volatile bool IsReady;

        public Task Watching { get; set; } = Task.CompletedTask;
    }
}
