using System.Net;
using System.Security.Cryptography.X509Certificates;
using MixGateway.Forwarding;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>Providers that are reached through a proxy; what fails there is told from what fails at the provider, and no password is shown.</summary>
public sealed class OutgoingProxyTests(OutgoingProxyTests.Office office) : IClassFixture<OutgoingProxyTests.Office>
{
    private const string Password = "p@ss/word-7f3a";
    private const string Encoded = "p%40ss%2Fword-7f3a";

    [Theory]
    [InlineData("open-plain")]
    [InlineData("open-tls")]
    [InlineData("signed-plain")]
    [InlineData("signed-tls")]
    [InlineData("signed-http2")]
    [InlineData("cluster-tls")]
    [InlineData("socks-plain")]
    [InlineData("socks-tls")]
    [InlineData("for-all")]
    public async Task Call_ThroughAProxy_IsAnsweredAndTheModelTestGoesTheSameWay(string provider)
    {
        var account = await office.Gateway.CreateAccountAsync();
        var before = office.AskedFor(provider);

        using var response = await account.ChatAsync("m", provider: provider);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        var between = office.AskedFor(provider);
        between.Should().BeGreaterThan(before, "the call went through the proxy");

        (await office.TestAsync(provider)).Error.Should().BeNull();
        office.AskedFor(provider).Should().BeGreaterThanOrEqualTo(between);
    }

    [Fact]
    public async Task Call_OfAnException_GoesThroughNoProxy()
    {
        var account = await office.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "direct");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("wrong-tls", "does not accept its user and password (407)")]
    [InlineData("wrong-plain", "does not accept its user and password (407)")]
    [InlineData("nobody-tls", "requires a user and a password (407)")]
    [InlineData("forbidden-tls", "does not allow connections to 127.0.0.1:")]
    [InlineData("forbidden-plain", "does not allow connections to 127.0.0.1:")]
    [InlineData("broken-tls", "cannot connect to 127.0.0.1:")]
    [InlineData("broken-plain", "cannot connect to 127.0.0.1:")]
    [InlineData("wrong-socks", "cannot connect to 127.0.0.1:")]
    [InlineData("gone", "cannot be reached: ")]
    public async Task Failure_OfTheProxy_IsNotTheProviders(string provider, string words)
    {
        var account = await office.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: provider);

        await response.ShouldFailAsync(502, "upstream_error", "upstream_unreachable");
        var shown = await office.Gateway.LastErrorAsync(provider);
        shown.Should().MatchRegex("^The proxy (http|socks5)://127.0.0.1:[0-9]+ ").And.Contain(words).And.NotContain("7f3a").And.NotContain("gate:");
        (await office.TestAsync(provider)).Error.Should().Be(shown);
        (await office.Gateway.Admin.GetStringAsync(new Uri("/api/v1/providers?limit=100", UriKind.Relative))).Should().NotContain("7f3a").And.NotContain("gate:");
        (await account.ReadAsync()).GetProperty("balance").GetString().Should().Be("10", "nothing reached a provider");
    }

    /// <summary>Providers over http and TLS, and proxies of every kind before them, around one gateway.</summary>
    public sealed class Office : IAsyncLifetime
    {
        private readonly X509Certificate2 _certificate = TestCertificate.Create();
        private readonly Dictionary<string, OutgoingTestProxy> _before = [];
        private readonly List<OutgoingTestProxy> _proxies = [];
        private Http1Provider _plain = null!;
        private Http1Provider _secured = null!;
        private Http2Provider _second = null!;

        internal TestGateway Gateway { get; private set; } = null!;

        internal int AskedFor(string provider) => _before[provider].Asked.Count;

        internal Task<ModelTest> TestAsync(string provider) => Gateway.TestModelAsync($"{provider}:m");

        public async Task InitializeAsync()
        {
            _plain = new Http1Provider(static exchange => exchange.RespondAsync());
            _secured = new Http1Provider(static exchange => exchange.RespondAsync(), _certificate);
            _second = new Http2Provider(static exchange => exchange.RespondAsync(), new Http2ProviderOptions { Certificate = _certificate });
            var open = Add(new OutgoingTestProxy());
            var signed = Add(new OutgoingTestProxy { SignIn = $"gate:{Password}" });
            var forbidding = Add(new OutgoingTestProxy { Refusal = 403 });
            var broken = Add(new OutgoingTestProxy { Refusal = 502 });
            var all = Add(new OutgoingTestProxy());
            var signIn = $"gate:{Encoded}@{signed.Host}";
            Gateway = await TestGateway.StartAsync(
            [
                $"Proxy:Address=http://{all.Host}", "Proxy:Exceptions:0=localhost",
                $"Providers:sim:Proxy=none",
                .. Of("for-all", _plain, all),
                .. Of("direct", _plain, all).Select(static setting => setting.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)),
                .. Of("open-plain", _plain, open, $"Proxy=http://{open.Host}"),
                .. Of("open-tls", _secured, open, $"Proxy:Address=http://{open.Host}"),
                .. Of("signed-plain", _plain, signed, $"Proxy=http://{signIn}"),
                .. Of("signed-tls", _secured, signed, $"Proxy:Address=http://{signed.Host}", "Proxy:User=gate", $"Proxy:Password={Password}"),
                .. Http2Of("signed-http2", signed, $"Proxy=http://{signIn}"),
                .. Of("cluster-tls", _secured, signed, $"Cluster:HttpClient:WebProxy:Address=http://{signIn}"),
                .. Of("socks-plain", _plain, signed, $"Proxy=socks5://{signIn}"),
                .. Of("socks-tls", _secured, open, $"Proxy=socks5://{open.Host}"),
                .. Of("wrong-tls", _secured, signed, $"Proxy=http://gate:wrong-7f3a@{signed.Host}"),
                .. Of("wrong-plain", _plain, signed, $"Proxy=http://gate:wrong-7f3a@{signed.Host}"),
                .. Of("nobody-tls", _secured, signed, $"Proxy=http://{signed.Host}"),
                .. Of("forbidden-tls", _secured, forbidding, $"Proxy=http://gate:{Encoded}@{forbidding.Host}"),
                .. Of("forbidden-plain", _plain, forbidding, $"Proxy=http://{forbidding.Host}"),
                .. Of("broken-tls", _secured, broken, $"Proxy=http://{broken.Host}"),
                .. Of("broken-plain", _plain, broken, $"Proxy=http://{broken.Host}"),
                .. Of("wrong-socks", _plain, signed, $"Proxy=socks5://gate:wrong-7f3a@{signed.Host}"),
                .. Of("gone", _plain, open, $"Proxy=http://gate:{Encoded}@127.0.0.1:{FreePort.Find()}"),
            ]);
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _plain.DisposeAsync();
            await _secured.DisposeAsync();
            await _second.DisposeAsync();
            foreach (var proxy in _proxies)
            {
                await proxy.DisposeAsync();
            }

            _certificate.Dispose();
        }

        private OutgoingTestProxy Add(OutgoingTestProxy proxy)
        {
            _proxies.Add(proxy);
            return proxy;
        }

        private string[] Of(string name, Http1Provider provider, OutgoingTestProxy before, params string[] settings)
        {
            _before[name] = before;
            return provider.Settings(name, settings);
        }

        private string[] Http2Of(string name, OutgoingTestProxy before, params string[] settings)
        {
            _before[name] = before;
            return _second.Settings(name, settings);
        }
    }
}
