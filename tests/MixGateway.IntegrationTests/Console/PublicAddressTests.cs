using System.Net;
using AngleSharp.Html.Parser;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A console behind a proxy with TLS that the settings do not name: Console:PublicUrl decides, and no header of a request.</summary>
public sealed class PublicAddressTests(PublicAddressTests.BehindTls shared) : IClassFixture<PublicAddressTests.BehindTls>
{
    [Theory]
    [InlineData("ai.example.com", "https")]
    [InlineData("foreign.example", "http")]
    [InlineData("127.0.0.1:8080", null)]
    public async Task Cookies_AreForTlsWhateverTheProxySays(string host, string? scheme)
    {
        using var client = Client(host, scheme);
        using var page = await client.GetAsync(new Uri("/dashboard/sign-in", UriKind.Relative));
        using var request = SignIn(await page.Content.ReadAsStringAsync(), page);
        using var answer = await client.SendAsync(request);
        using var language = await client.PostAsync(new Uri("/dashboard/preferences/language", UriKind.Relative), new FormUrlEncodedContent([new("language", "zh-CN")]));

        var cookies = new[] { page, answer, language }.SelectMany(static response => response.Headers.TryGetValues("Set-Cookie", out var set) ? set : []).ToList();
        cookies.Select(static cookie => cookie.Split('=')[0]).Should().Contain(["mg.form", "mg.session", "mg.language"]);
        cookies.Should().OnlyContain(static cookie => cookie.Contains("; secure"));
        page.Headers.GetValues("Strict-Transport-Security").Should().Equal("max-age=31536000");
    }

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/keys?status=Revoked")]
    [InlineData("/dashboard/admin/providers")]
    [InlineData("/dashboard/usage.csv")]
    public async Task Redirect_NamesNoHost(string path)
    {
        foreach (var host in new[] { "ai.example.com", "foreign.example", "foreign.example:8443" })
        {
            using var client = Client(host, null);
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

            answer.StatusCode.Should().Be(HttpStatusCode.Found);
            answer.Headers.Location!.OriginalString.Should().StartWith("/dashboard/sign-in?returnUrl=%2Fdashboard").And.NotContain("foreign");
        }
    }

    [Fact]
    public async Task Links_ThatThePagesShow_BeginWithThePublicAddress()
    {
        using var visitor = new PageVisitor(shared.Gateway.Address);
        await visitor.SignInAsync(ConsoleGateway.Administrator);
        await visitor.GoAsync("/dashboard/quick-start");

        visitor.Status.Should().Be(HttpStatusCode.OK);
        visitor.Page.Body!.TextContent.Should().Contain("https://ai.example.com/v1").And.NotContain("127.0.0.1");
    }

    [Theory]
    [InlineData("Console:PublicUrl=https://ai.example.com/console", "Console:PublicUrl must not have a path")]
    [InlineData("Console:PublicUrl=https://user:geheim@ai.example.com", "Console:PublicUrl must be an address without a user")]
    [InlineData("Console:ApiUrl=https://user:geheim@api.example.com", "Console:ApiUrl must be an address without user")]
    [InlineData("Console:ApiUrl=https://user:geheim@:bad:", "Console:ApiUrl has to be an address")]
    [InlineData("Console:OpenIdConnect:Authority=https://user:geheim@login.example.com", "Console:OpenIdConnect:Authority must be an address without a user")]
    [InlineData("Telemetry:OtlpEndpoint=http://user:geheim@collector:4317", "Telemetry:OtlpEndpoint must be an http or https address without a user")]
    [InlineData("Payments:Stripe:ApiUrl=https://user:geheim@stripe.example", "Payments:Stripe:ApiUrl")]
    [InlineData("Payments:EPay:Url=https://user:geheim@pay.example", "Payments:EPay:Url")]
    [InlineData("Proxy:Address=user:geheim@proxy.example:3128", "Proxy:Address: must be an address with a scheme")]
    [InlineData("Providers:p:BaseUrl=ftp://user:geheim@api.example.com", "Providers:p:BaseUrl: must be an absolute http or https address")]
    [InlineData("Providers:p:Cluster:HttpClient:WebProxy:Address=proxy.example:geheim@", "Providers:p:Cluster:HttpClient:WebProxy:Address: must be")]
    [InlineData("Cors:Origins:0=https://user:geheim@app.example", "Cors:Origins:0")]
    public async Task Address_ThatCannotBe_IsRefusedWithoutBeingRepeated(string setting, string words)
    {
        var start = () => Program.CreateAsync(
            ["--environment=Production", "--Bootstrap:AdminToken=test-admin-token-0123456789", "--Payments:Stripe:SecretKey=sk_test_1", "--Payments:Stripe:WebhookSecret=whsec_1", "--Payments:EPay:Pid=1", "--Payments:EPay:Key=k", "--Payments:EPay:Rate=7", "--Payments:NotifyUrl=https://ai.example.com", "--Payments:ReturnUrl=https://ai.example.com", $"--{setting}"]);

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain(words).And.NotContain("geheim");
    }

    private HttpClient Client(string host, string? scheme)
    {
        var client = shared.Gateway.NewClient();
        client.DefaultRequestHeaders.Host = host;
        if (scheme is not null)
        {
            client.DefaultRequestHeaders.Add("X-Forwarded-Proto", scheme);
        }

        return client;
    }

    private static HttpRequestMessage SignIn(string html, HttpResponseMessage page)
    {
        var token = new HtmlParser().ParseDocument(html).QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        return new HttpRequestMessage(HttpMethod.Post, "/dashboard/sign-in")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = token,
                ["Input.Email"] = ConsoleGateway.Administrator,
                ["Input.Password"] = PageVisitor.Password,
            }),
            Headers = { { "Cookie", page.Headers.GetValues("Set-Cookie").Select(static cookie => cookie.Split(';')[0]) } },
        };
    }

    public sealed class BehindTls() : SharedGateway(static _ => [.. ConsoleGateway.Settings, "Console:PublicUrl=https://ai.example.com"]);
}
