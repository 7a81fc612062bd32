using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A catalog of thousands of models costs a visitor a page, and the gateway one rendering.</summary>
public sealed class ModelsPageTests(ModelsPageTests.LargeCatalog shared) : IClassFixture<ModelsPageTests.LargeCatalog>
{
    private const int Models = 2000;

    [Fact]
    public async Task Page_ForGuests_HasAPartOfTheModelsAndLeadsToTheOthers()
    {
        using var visitor = new PageVisitor(shared.Gateway.Address);
        HashSet<string> names = [];
        await visitor.GoAsync("/models");
        while (true)
        {
            var rows = visitor.Page.QuerySelectorAll("main table:first-of-type tbody code").Select(static code => code.TextContent).ToList();
            rows.Should().HaveCountLessThanOrEqualTo(100);
            names.UnionWith(rows);
            if (visitor.Page.QuerySelector("a[rel=next]") is not { } next)
            {
                break;
            }

            await visitor.GoAsync(next.GetAttribute("href")!);
        }

        names.Count(static name => name.StartsWith("many:", StringComparison.Ordinal)).Should().Be(Models);
        visitor.Text("nav .grow").Should().MatchRegex("^Page ([0-9]+) of \\1$");
        await visitor.GoAsync("/models?q=model-0042");
        visitor.Page.QuerySelectorAll("main tbody code").Select(static code => code.TextContent).Should().Equal("many:model-0042");
        await visitor.GoAsync("/models?page=99999");
        visitor.Status.Should().Be(HttpStatusCode.OK, "beyond the end is the end");
    }

    [Theory]
    [InlineData("/models")]
    [InlineData("/models?page=2")]
    [InlineData("/models?q=model-1")]
    [InlineData("/v1/models")]
    public async Task List_IsCompressedAndSparedToWhoHasIt(string path)
    {
        using var client = shared.Gateway.NewClient(path.StartsWith("/v1/", StringComparison.Ordinal) ? shared.Key : null);
        using var plain = await GetAsync(client, path);
        using var compressed = await GetAsync(client, path, request => request.Headers.AcceptEncoding.ParseAdd("gzip"));
        using var known = await GetAsync(client, path, request => request.Headers.IfNoneMatch.Add(plain.Headers.ETag!));

        plain.StatusCode.Should().Be(HttpStatusCode.OK);
        var text = await plain.Content.ReadAsByteArrayAsync();
        var packed = await compressed.Content.ReadAsByteArrayAsync();
        compressed.Content.Headers.ContentEncoding.Should().Equal("gzip");
        packed.Length.Should().BeLessThan(text.Length / 4);
        using var unpacked = new MemoryStream();
        await using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(unpacked);
        }

        unpacked.ToArray().Should().Equal(text);
        known.StatusCode.Should().Be(HttpStatusCode.NotModified);
        (await known.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        Encoding.UTF8.GetString(text).Should().NotContain("__RequestVerificationToken", "a page for everybody holds nobody's token");
        plain.Headers.Contains("Set-Cookie").Should().BeFalse("the page is the same for everybody");
        plain.Headers.CacheControl!.NoStore.Should().BeFalse("a browser that may not keep it has nothing to compare");
    }

    [Fact]
    public async Task List_OfARestrictedKey_IsItsOwn()
    {
        var account = await shared.Gateway.CreateAccountAsync(key: new { name = "test", models = new[] { "many:model-00*" } });
        using var client = shared.Gateway.NewClient(account.Key);
        using var all = shared.Gateway.NewClient(shared.Key);

        using var own = await GetAsync(client, "/v1/models");
        using var everything = await GetAsync(all, "/v1/models");

        (await own.Content.ReadAsStringAsync()).Split("\"id\"").Should().HaveCount(101);
        own.Headers.ETag.Should().NotBe(everything.Headers.ETag);
    }

    [Fact]
    public async Task Page_OfAnotherLanguageOrTheme_IsAnother()
    {
        using var client = shared.Gateway.NewClient();
        using var english = await GetAsync(client, "/models", static request => request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("en")));
        using var chinese = await GetAsync(client, "/models", static request => request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("zh-CN")));
        using var dark = await GetAsync(client, "/models", static request => request.Headers.Add("Cookie", "mg.theme=dark"));

        new[] { english, chinese, dark }.Select(static page => page.Headers.ETag!.Tag).Should().OnlyHaveUniqueItems();
        (await chinese.Content.ReadAsStringAsync()).Should().Contain("<html lang=\"zh-CN\"");
        (await dark.Content.ReadAsStringAsync()).Should().Contain("data-theme=\"dark\"");
    }

    [Fact]
    public async Task Page_OfSomebodyWhoIsSignedIn_IsNotGivenToOthers()
    {
        using var visitor = new PageVisitor(shared.Gateway.Address);
        await visitor.RegisterAsync();
        await visitor.GoAsync("/models");
        visitor.Page.Body!.TextContent.Should().Contain(visitor.Email);

        using var guest = new PageVisitor(shared.Gateway.Address);
        await guest.GoAsync("/models");
        guest.Page.Body!.TextContent.Should().NotContain(visitor.Email);
    }

    [Theory]
    [InlineData("/dashboard/preferences/language", "language", "zh-CN")]
    [InlineData("/dashboard/preferences/theme", "theme", "dark")]
    public async Task Preferences_FromAnotherSite_AreNotTaken(string path, string name, string value)
    {
        using var client = shared.Gateway.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([new(name, value)]) };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var answer = await client.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Headers.Contains("Set-Cookie").Should().BeFalse();
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change?.Invoke(request);
        return await client.SendAsync(request);
    }

    public sealed class LargeCatalog() : SharedGateway(static simulator =>
    [
        "Console:SignInsPerMinute=100000",
        $"Providers:many:BaseUrl={simulator.BaseAddress}",
        .. Enumerable.Range(0, Models).SelectMany(static i => new[] { $"Providers:many:Models:model-{i:0000}:InputPrice=1", $"Providers:many:Models:model-{i:0000}:OutputPrice=2" }),
    ])
    {
        internal string Key { get; private set; } = "";

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Key = (await Gateway.CreateAccountAsync()).Key;
        }
    }
}
