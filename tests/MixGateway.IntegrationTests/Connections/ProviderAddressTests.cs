using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>Addresses of providers with everything that one may hold, and what the operator reads where one leads nowhere.</summary>
public sealed class ProviderAddressTests(ProviderAddressTests.Addresses shared) : IClassFixture<ProviderAddressTests.Addresses>
{
    [Fact]
    public async Task Query_OfAnAddress_FollowsEveryPath()
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "query");

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        shared.Gateway.Upstream.State.Requests.Should().Contain(static request => request.Path == "/v1/chat/completions?api-version=2024-10-21&code=geheim-77c1");
        (await shared.Gateway.TestModelAsync("query:m")).Error.Should().BeNull();
        (await shared.ShownAddressAsync("query")).Should().EndWith("/v1?api-version=…&code=…");
    }

    [Fact]
    public async Task User_OfAnAddress_SignsInThereAndIsShownNowhere()
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "user");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var expected = "Basic " + Convert.ToBase64String("gate:geheim@77c1"u8);
        shared.Gateway.Upstream.State.Requests.Should().Contain(request => request.Header("Authorization") == expected);
        (await shared.Gateway.Admin.GetStringAsync(new Uri("/api/v1/providers?limit=100", UriKind.Relative))).Should().NotContain("77c1").And.NotContain("gate");
    }

    [Theory]
    [InlineData("moved", "The provider redirects to https://elsewhere.example/v2/chat/completions (308).")]
    [InlineData("moved-nearby", "/v2/chat/completions (307).")]
    public async Task Redirect_OfAProvider_IsShownToTheOperatorWithoutSecretsAndNotFollowed(string provider, string words)
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: provider);

        var error = await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        error.Message.Should().NotContain("/v2/");
        (await shared.Gateway.LastErrorAsync(provider)).Should().Contain(words).And.Contain("set BaseUrl to it").And.NotContain("77c1");
        (await shared.Gateway.TestModelAsync($"{provider}:m")).Error.Should().Contain(words).And.NotContain("77c1");
    }

    [Fact]
    public async Task Connection_ThatTakesTooLong_IsSaidToHaveTakenThatLong()
    {
        var test = await shared.Gateway.TestModelAsync("slow:m");

        test.Error.Should().Be("No connection within 0.2 seconds (Providers:slow:ConnectTimeout).");
        test.DurationMs.Should().BeLessThan(20_000);
    }

    public sealed class Addresses : IAsyncLifetime
    {
        private readonly FullListener _silent = new(IPAddress.Loopback);
        private Http1Provider _moved = null!;
        private Http1Provider _nearby = null!;

        internal TestGateway Gateway { get; private set; } = null!;

        internal async Task<string> ShownAddressAsync(string provider) => (await Gateway.GetAsync($"/api/v1/providers/{provider}")).GetProperty("baseUrl").GetString()!;

        public async Task InitializeAsync()
        {
            _moved = new Http1Provider(static exchange => RedirectAsync(exchange, 308, "https://user:geheim-77c1@elsewhere.example/v2/chat/completions?key=geheim-77c1"));
            _nearby = new Http1Provider(static exchange => RedirectAsync(exchange, 307, "/v2/chat/completions?key=geheim-77c1"));
            Gateway = await TestGateway.StartWithAsync(simulator =>
            [
                .. Of("query", $"{simulator.BaseAddress.AbsoluteUri.TrimEnd('/')}?api-version=2024-10-21&code=geheim-77c1"),
                .. Of("user", new UriBuilder(simulator.BaseAddress) { UserName = "gate", Password = "geheim%4077c1" }.Uri.AbsoluteUri),
                .. _moved.Settings("moved"),
                .. _nearby.Settings("moved-nearby"),
                .. Of("slow", $"http://127.0.0.1:{_silent.Port}/v1"),
                "Providers:slow:ConnectTimeout=00:00:00.2",
            ]);
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _moved.DisposeAsync();
            await _nearby.DisposeAsync();
            _silent.Dispose();
        }

        private static string[] Of(string name, string address) =>
            [$"Providers:{name}:BaseUrl={address}", $"Providers:{name}:Models:*:InputPrice=1", $"Providers:{name}:Models:*:OutputPrice=2"];

        private static async Task RedirectAsync(Http1Exchange exchange, int status, string location)
        {
            await exchange.ReadAsync();
            await exchange.RespondAsync(status, "", $"Location: {location}\r\n");
        }
    }
}
