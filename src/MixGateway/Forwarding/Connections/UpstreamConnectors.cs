using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MixGateway.Catalog;

namespace MixGateway.Forwarding.Connections;

/// <summary>The ways to connect: one for each choice of address families, all of which learn from each other.</summary>
internal sealed class UpstreamConnectors(IUpstreamNetwork network, TimeProvider time)
{
    private readonly ConnectedAddresses _connected = new(time);

    public UpstreamConnector Of(UpstreamAddressFamily family) => new(family, network, _connected, time);
}

/// <summary>Which address of a host answered, so that a dead one is not waited for with each connection.</summary>
internal sealed class ConnectedAddresses(TimeProvider time)
{
    /// <summary>After that the system's own order is tried again: its first choice may be back.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Host, int Port), (IPAddress Address, long At)> _last = new();

    public IPAddress? Of(string host, int port) =>
        _last.TryGetValue((host, port), out var last) && time.GetElapsedTime(last.At) < Remembered ? last.Address : null;

    /// <param name="isFirstChoice">True if the system's own order led there: then there is nothing to remember.</param>
    public void Note(string host, int port, IPAddress address, bool isFirstChoice)
    {
        if (isFirstChoice)
        {
            _last.TryRemove((host, port), out _);
        }
        else if (!address.Equals(Of(host, port)))
        {
            _last[(host, port)] = (address, time.GetTimestamp());
        }
    }
}

/// <summary>
/// Connects to a host by all of its addresses (RFC 8305): one after the other, the next after a moment or at once after a failure, and the
/// first that is connected wins. A dead address costs a moment, not the provider.
/// </summary>
internal sealed class UpstreamConnector(UpstreamAddressFamily family, IUpstreamNetwork network, ConnectedAddresses connected, TimeProvider time)
{
    /// <summary>RFC 8305 §5: the recommended Connection Attempt Delay.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250);

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>: the endpoint is the provider's, or that of the proxy in between.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);

    /// <exception cref="SocketException">No address could be connected to; the last one's.</exception>
    /// <exception cref="OperationCanceledException">The connect time-out is over.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        IPAddress[] resolved = IPAddress.TryParse(host, out var literal) ? [literal] : await network.ResolveAsync(host, cancellationToken);
        var last = connected.Of(host, port);
        var addresses = Order(resolved, last);
        if (addresses.Count == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound, $"{host} has no address of the family {family}.");
        }

        if (addresses.Count == 1)
        {
            return await network.ConnectAsync(new IPEndPoint(addresses[0], port), cancellationToken);
        }

        var (address, stream) = await RaceAsync(addresses, port, cancellationToken);
        connected.Note(host, port, address, isFirstChoice: last is null && address.Equals(addresses[0]));
        return stream;
    }

    /// <summary>The families in turns (RFC 8305 §4), beginning with the system's choice; what answered last comes before all.</summary>
    private List<IPAddress> Order(IPAddress[] resolved, IPAddress? last)
    {
        List<IPAddress> wanted = [.. resolved.Where(IsWanted).Distinct()];
        if (wanted.Count < 2)
        {
            return wanted;
        }

        var first = last is not null && wanted.Contains(last) ? last : wanted[0];
        var same = wanted.Where(address => address.AddressFamily == first.AddressFamily && !address.Equals(first)).Prepend(first).ToList();
        var others = wanted.Where(address => address.AddressFamily != first.AddressFamily).ToList();
        List<IPAddress> ordered = [];
        for (var i = 0; i < Math.Max(same.Count, others.Count); i++)
        {
            ordered.AddRange(same.Skip(i).Take(1));
            ordered.AddRange(others.Skip(i).Take(1));
        }

        return ordered;
    }

    private bool IsWanted(IPAddress address) => family switch
    {
        UpstreamAddressFamily.IPv4 => address.AddressFamily == AddressFamily.InterNetwork,
        UpstreamAddressFamily.IPv6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };

    private async Task<(IPAddress Address, Stream Stream)> RaceAsync(List<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<(IPAddress Address, Task<Stream> Connecting)> running = [];
        try
        {
            for (var next = 0; ;)
            {
                if (next < addresses.Count)
                {
                    running.Add((addresses[next], network.ConnectAsync(new IPEndPoint(addresses[next], port), over.Token)));
                    next++;
                }

                await AnyAsync(running, mayStartNext: next < addresses.Count, over.Token);
                while (running.FindIndex(static attempt => attempt.Connecting.IsCompleted) is var ended and >= 0)
                {
                    var (address, connecting) = running[ended];
                    running.RemoveAt(ended);
                    if (connecting.IsCompletedSuccessfully)
                    {
                        return (address, await connecting);
                    }

                    if (running.Count == 0 && (next == addresses.Count || cancellationToken.IsCancellationRequested))
                    {
                        // Throws what became of the last one.
                        await connecting;
                    }
                }
            }
        }
        finally
        {
            await over.CancelAsync();
            foreach (var (_, connecting) in running)
            {
                _ = DropAsync(connecting);
            }
        }
    }

    /// <summary>Waits until one is over or, while there are more addresses, for the moment that one has to itself.</summary>
    private async Task AnyAsync(List<(IPAddress Address, Task<Stream> Connecting)> running, bool mayStartNext, CancellationToken cancellationToken)
    {
        var any = Task.WhenAny(running.Select(static attempt => attempt.Connecting));
        if (!mayStartNext)
        {
            await any;
            return;
        }

        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(any, Task.Delay(BetweenAttempts, time, moment.Token));
        await moment.CancelAsync();
    }

    /// <summary>One that lost the race may be connected all the same.</summary>
    private static async Task DropAsync(Task<Stream> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await (await connecting).DisposeAsync();
        }
    }
}
