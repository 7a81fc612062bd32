using System.Net;
using System.Net.Sockets;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>Providers that cannot be connected to, by one way or by all.</summary>
public sealed class ConnectTests
{
    [Fact]
    public async Task Name_WithADeadAndALivingAddress_IsConnectedToByTheLivingOne()
    {
        using var alive = new TcpListener(IPAddress.Loopback, 0);
        alive.Start();
        var port = ((IPEndPoint)alive.LocalEndpoint).Port;
        using var dead = new FullListener(IPAddress.IPv6Loopback, port);
        var connector = new UpstreamConnectors(new BothFamilies(), TimeProvider.System).Of(UpstreamAddressFamily.Any);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));

        for (var i = 0; i < 3; i++)
        {
            await using var stream = (NetworkStream)await connector.ConnectAsync("provider.example", port, timeout.Token);
            stream.Socket.RemoteEndPoint.Should().Be(new IPEndPoint(IPAddress.Loopback, port));
        }
    }

    [Theory]
    [InlineData(null, "is not trusted")]
    [InlineData("other.example", "is for another name")]
    public async Task Certificate_ThatIsRefused_IsDescribedToTheOperatorAlone(string? name, string reason)
    {
        using var certificate = TestCertificate.Create(name);
        await using var provider = new Http1Provider(static exchange => exchange.RespondAsync(), certificate);
        await using var gateway = await TestGateway.StartAsync(
            $"Providers:tls:BaseUrl={provider.BaseAddress}", "Providers:tls:Models:*:InputPrice=1", "Providers:tls:Models:*:OutputPrice=2");
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "tls");

        var error = await response.ShouldFailAsync(502, "upstream_error", "upstream_unreachable");
        error.Message.Should().NotContain("certificate");
        var fault = (await gateway.GetAsync("/api/v1/providers")).GetProperty("data").EnumerateArray().Single(static p => p.GetProperty("name").GetString() == "tls")
            .GetProperty("destinations")[0].GetProperty("lastErrors")[0].GetProperty("message").GetString();
        fault.Should().Contain("127.0.0.1").And.Contain(reason).And.Contain(certificate.Subject);
        provider.Requests.Should().Be(0);
    }

    [Fact]
    public async Task Handshake_ThatBreaksOnce_IsTriedAgain()
    {
        using var certificate = TestCertificate.Create();
        await using var provider = new Http1Provider(static exchange => exchange.RespondAsync(), certificate);
        await using var front = new FlakyFront(provider.BaseAddress.Port);
        await using var gateway = await TestGateway.StartAsync(
            [.. provider.Settings("tls"), $"Providers:tls:BaseUrl=https://127.0.0.1:{front.Port}/v1"]);
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "tls");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await account.OnlyCallAsync()).Attempts.Should().Be(1);
    }

    /// <summary>Two addresses of this machine for every name.</summary>
    private sealed class BothFamilies : IUpstreamNetwork
    {
        private readonly UpstreamNetwork _network = new();

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([IPAddress.IPv6Loopback, IPAddress.Loopback]);

        public Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken) => _network.ConnectAsync(address, cancellationToken);
    }

    /// <summary>Breaks its first connection and passes the others on.</summary>
    private sealed class FlakyFront : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TcpClient _provider = new();
        private readonly int _behind;
        private readonly Task _accepting;

        public FlakyFront(int port)
        {
            _behind = port;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();

            // Nobody else ends a connection that both sides keep for the next call.
            _provider.Dispose();
            await _accepting;
        }

        private async Task AcceptAsync()
        {
            try
            {
                using (await _listener.AcceptSocketAsync())
                {
                    // Closed before the handshake.
                }

                using var client = await _listener.AcceptSocketAsync();
                await _provider.ConnectAsync(IPAddress.Loopback, _behind);
                await using var ours = new NetworkStream(client);
                await Task.WhenAny(ours.CopyToAsync(_provider.GetStream()), _provider.GetStream().CopyToAsync(ours));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The end of the test.
            }
        }
    }
}
