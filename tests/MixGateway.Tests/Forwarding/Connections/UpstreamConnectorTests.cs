using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;

namespace MixGateway.Tests.Forwarding.Connections;

public sealed class UpstreamConnectorTests
{
    private const string Host = "provider.example";
    private const int Port = 443;

    private static readonly IPAddress Six = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress OtherSix = IPAddress.Parse("2001:db8::2");
    private static readonly IPAddress Four = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress OtherFour = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connect_FirstAddressDead_TakesTheNextAfterAMoment()
    {
        var network = new Network([Six, Four]);
        var connecting = Connector(network).ConnectAsync(Host, Port, CancellationToken.None);

        network.Tried.Should().Equal(Six);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        network.Tried.Should().Equal(Six);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await network.TriedAsync(Four);
        var stream = network.Connect(Four);

        (await connecting).Should().BeSameAs(stream);
        await network.CancelledAsync(Six);
    }

    [Fact]
    public async Task Connect_AddressThatRefuses_IsFollowedAtOnce()
    {
        var network = new Network([Six, Four]);
        var connecting = Connector(network).ConnectAsync(Host, Port, CancellationToken.None);

        network.Refuse(Six);
        await network.TriedAsync(Four);

        var stream = network.Connect(Four);
        (await connecting).Should().BeSameAs(stream);
    }

    [Fact]
    public async Task Connect_FamiliesOfSeveral_TakeTurns()
    {
        var network = new Network([Six, OtherSix, Four, OtherFour]);
        var connecting = Connector(network).ConnectAsync(Host, Port, CancellationToken.None);
        foreach (var address in new[] { Six, Four, OtherSix, OtherFour })
        {
            await network.TriedAsync(address);
            network.Refuse(address);
        }

        (await connecting.Invoking(static c => c).Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
        network.Tried.Should().Equal(Six, Four, OtherSix, OtherFour);
    }

    [Fact]
    public async Task Connect_AddressThatAnsweredLast_ComesFirstForAWhile()
    {
        var network = new Network([Six, Four]);
        var connector = Connector(network);
        var first = connector.ConnectAsync(Host, Port, CancellationToken.None);
        network.Refuse(Six);
        await network.TriedAsync(Four);
        network.Connect(Four);
        await first;
        network.Forget();

        var second = connector.ConnectAsync(Host, Port, CancellationToken.None);
        network.Tried.Should().Equal(Four);
        network.Connect(Four);
        await second;
        network.Forget();

        _time.Advance(TimeSpan.FromMinutes(10));
        var third = connector.ConnectAsync(Host, Port, CancellationToken.None);
        network.Tried.Should().Equal(Six);
        network.Connect(Six);
        await third;
    }

    [Theory]
    [InlineData(UpstreamAddressFamily.IPv4, "192.0.2.1")]
    [InlineData(UpstreamAddressFamily.IPv6, "2001:db8::1")]
    public async Task Connect_OneFamilyWanted_IgnoresTheOther(object family, string expected)
    {
        var network = new Network([Six, Four]);
        var connecting = Connector(network, (UpstreamAddressFamily)family).ConnectAsync(Host, Port, CancellationToken.None);

        network.Tried.Should().Equal(IPAddress.Parse(expected));
        network.Connect(IPAddress.Parse(expected));
        await connecting;
    }

    [Fact]
    public async Task Connect_NoAddressOfTheWantedFamily_IsAnUnknownHost() =>
        (await Connector(new Network([Four]), UpstreamAddressFamily.IPv6).Invoking(static c => c.ConnectAsync(Host, Port, CancellationToken.None)).Should().ThrowAsync<SocketException>())
            .Which.SocketErrorCode.Should().Be(SocketError.HostNotFound);

    [Fact]
    public async Task Connect_AddressInPlaceOfAName_IsNotLookedUp()
    {
        var network = new Network([]);
        var connecting = Connector(network).ConnectAsync("192.0.2.1", Port, CancellationToken.None);

        network.Connect(Four);
        await connecting;
    }

    [Fact]
    public async Task Connect_TimeIsUp_EndsEveryAttempt()
    {
        var network = new Network([Six, Four]);
        using var timeout = new CancellationTokenSource();
        var connecting = Connector(network).ConnectAsync(Host, Port, timeout.Token);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await network.TriedAsync(Four);

        await timeout.CancelAsync();

        await connecting.Invoking(static c => c).Should().ThrowAsync<OperationCanceledException>();
        await network.CancelledAsync(Six);
        await network.CancelledAsync(Four);
    }

    [Fact]
    public async Task Connect_LoserThatConnectsAllTheSame_IsClosed()
    {
        var network = new Network([Six, Four]) { IgnoresCancellation = true };
        var connecting = Connector(network).ConnectAsync(Host, Port, CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await network.TriedAsync(Four);
        network.Connect(Four);
        await connecting;

        var late = network.Connect(Six);

        await late.Closed.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Network_Connection_FindsOutThatItsPeerIsGone()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await using var stream = (NetworkStream)await new UpstreamNetwork().ConnectAsync((IPEndPoint)listener.LocalEndpoint, CancellationToken.None);

        stream.Socket.NoDelay.Should().BeTrue();
        stream.Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive).Should().Be(1);
        stream.Socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime).Should().Be(10);
        if (OperatingSystem.IsLinux())
        {
            var timeout = new byte[4];
            stream.Socket.GetRawSocketOption(6, 18, timeout);
            BitConverter.ToInt32(timeout).Should().Be(15_000);
        }
    }

    private UpstreamConnector Connector(Network network, UpstreamAddressFamily family = UpstreamAddressFamily.Any) => new UpstreamConnectors(network, _time).Of(family);

    /// <summary>A network whose addresses answer when the test says so.</summary>
    private sealed class Network(IPAddress[] addresses) : IUpstreamNetwork
    {
        private readonly ConcurrentDictionary<IPAddress, Attempt> _attempts = new();
        private readonly ConcurrentQueue<IPAddress> _tried = new();

        public bool IgnoresCancellation { get; init; }

        public IReadOnlyCollection<IPAddress> Tried => _tried;

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult(addresses);

        public async Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
        {
            address.Port.Should().Be(Port);
            var attempt = Of(address.Address);
            _tried.Enqueue(address.Address);
            attempt.Tried.TrySetResult();
            try
            {
                return IgnoresCancellation ? await attempt.Connected.Task : await attempt.Connected.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                attempt.Cancelled.TrySetResult();
                throw;
            }
        }

        public Task TriedAsync(IPAddress address) => Of(address).Tried.Task.WaitAsync(TimeSpan.FromSeconds(10));

        public Task CancelledAsync(IPAddress address) => Of(address).Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));

        public ClosableStream Connect(IPAddress address)
        {
            var stream = new ClosableStream();
            Of(address).Connected.SetResult(stream);
            return stream;
        }

        public void Refuse(IPAddress address) => Of(address).Connected.SetException(new SocketException((int)SocketError.ConnectionRefused));

        public void Forget()
        {
            _attempts.Clear();
            _tried.Clear();
        }

        private Attempt Of(IPAddress address) => _attempts.GetOrAdd(address, static _ => new Attempt());

        private sealed class Attempt
        {
            public TaskCompletionSource Tried { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public TaskCompletionSource<Stream> Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed class ClosableStream : MemoryStream
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => _closed.Task;

        public override ValueTask DisposeAsync()
        {
            _closed.TrySetResult();
            return base.DisposeAsync();
        }
    }
}
