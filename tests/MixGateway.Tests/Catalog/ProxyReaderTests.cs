using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class ProxyReaderTests
{
    [Theory]
    [InlineData("http://proxy.corp:3128", "http://proxy.corp:3128")]
    [InlineData("http://proxy.corp:3128/", "http://proxy.corp:3128")]
    [InlineData("https://proxy.corp", "https://proxy.corp")]
    [InlineData("socks5://10.0.0.7:1080", "socks5://10.0.0.7:1080")]
    [InlineData("socks5h://proxy.corp", "socks5://proxy.corp:1080")]
    [InlineData("http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128")]
    public void Address_OfAProxy_IsThatOfEveryProvider(string written, string expected)
    {
        Proxy($$""" "Proxy": { "Address": "{{written}}" }, """).ToString().Should().Be(expected);
        Proxy($$""" "Proxy": "{{written}}", """).ToString().Should().Be(expected, "an address alone stands for the section");
        Proxy("", $$""" , "Proxy": { "Address": "{{written}}" } """).ToString().Should().Be(expected);
        Proxy("", $$""" , "Cluster": { "HttpClient": { "WebProxy": { "Address": "{{written}}" } } } """).ToString().Should().Be(expected);
    }

    [Theory]
    [InlineData("proxy.corp:3128", "has no scheme; write http://proxy.corp:3128")]
    [InlineData("10.0.0.7:1080", "has no scheme; write http://10.0.0.7:1080")]
    [InlineData("localhost:3128", "has no scheme; write http://localhost:3128")]
    [InlineData("proxy.corp", "must be an address with a scheme")]
    [InlineData("user:geheim@proxy.corp:3128", "must be an address with a scheme")]
    [InlineData("ftp://proxy.corp:3128", "must be an address with a scheme")]
    [InlineData("http://user:geheim@proxy.corp:3128/path", "must be an address with a scheme")]
    [InlineData("http://:3128", "must be an address with a scheme")]
    public void Address_InAnotherForm_IsRefusedWithTheRightOne(string written, string message)
    {
        foreach (var (settings, path) in new[]
        {
            (Settings($$""" "Proxy": { "Address": "{{written}}" }, """), "Proxy:Address"),
            (Settings("", $$""" , "Proxy": { "Address": "{{written}}" } """), "Providers:p:Proxy:Address"),
            (Settings("", $$""" , "Cluster": { "HttpClient": { "WebProxy": { "Address": "{{written}}" } } } """), "Providers:p:Cluster:HttpClient:WebProxy:Address"),
        })
        {
            CatalogJson.Read(settings).Errors.Should().ContainSingle().Which.Should().StartWith($"{path}: {message}").And.NotContain("geheim");
        }
    }

    [Theory]
    [InlineData("http://user:p%40ss@proxy.corp:3128", "user", "p@ss")]
    [InlineData("socks5://us%3Aer:p%3Ass%2F@proxy.corp", "us:er", "p:ss/")]
    [InlineData("http://user@proxy.corp:3128", "user", "")]
    public void UserInfo_OfAnAddress_IsUsedAndShownNowhere(string written, string user, string password)
    {
        foreach (var proxy in new[]
        {
            Proxy($$""" "Proxy": "{{written}}", """), Proxy("", $$""" , "Proxy": "{{written}}" """),
            Proxy("", $$""" , "Cluster": { "HttpClient": { "WebProxy": { "Address": "{{written}}" } } } """),
        })
        {
            (proxy.User, proxy.Password).Should().Be((user, password));
            proxy.ToString().Should().NotContain("ss");
            proxy.Address.UserInfo.Should().BeEmpty();
        }
    }

    [Fact]
    public void User_AsASettingOfItsOwn_IsThatOfTheAddress()
    {
        var proxy = Proxy(""" "Proxy": { "Address": "http://proxy.corp:3128", "User": "gate", "Password": "p@:ss" }, """);

        (proxy.User, proxy.Password).Should().Be(("gate", "p@:ss"));
    }

    [Theory]
    [InlineData(""" "Proxy": { "Address": "http://a@proxy.corp", "User": "b" }, """, "Proxy:User: is set, and the address")]
    [InlineData(""" "Proxy": { "Address": "http://proxy.corp", "Password": "geheim" }, """, "Proxy:User: is missing")]
    [InlineData(""" "Proxy": { "Address": "http://proxy.corp", "User": "a:b" }, """, "Proxy:User: must be a name without a colon")]
    [InlineData(""" "Proxy": { "User": "a" }, """, "Proxy:Address: is missing")]
    [InlineData(""" "Proxy": { "Adress": "http://proxy.corp" }, """, "Proxy:Adress: is not known here; did you mean Address?")]
    [InlineData(""" "Proxy": { "Address": "http://proxy.corp", "Exceptions": ["10.0.0.0/33"] }, """, "Proxy:Exceptions:0: must be a host")]
    [InlineData(""" "HTTPS_PROXY": "gopher://proxy.corp", """, "HTTPS_PROXY: must be an address with a scheme")]
    public void Settings_ThatContradictThemselves_AreRefused(string root, string message) =>
        CatalogJson.Read(Settings(root)).Errors.Should().Contain(error => error.StartsWith(message, StringComparison.Ordinal)).And.OnlyContain(static error => !error.Contains("geheim"));

    [Fact]
    public void Proxy_InBothPlacesOfAProvider_IsRefused() =>
        CatalogJson.Read(Settings("", """ , "Proxy": "http://a.corp", "Cluster": { "HttpClient": { "WebProxy": { "Address": "http://b.corp" } } } """))
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:Proxy: is set and so is Cluster:HttpClient:WebProxy");

    [Theory]
    [InlineData(""" "HTTPS_PROXY": "http://secure:1", "HTTP_PROXY": "http://plain:2", "ALL_PROXY": "socks5://all:3", """, "http://secure:1", "http://plain:2")]
    [InlineData(""" "ALL_PROXY": "socks5://all:3", """, "socks5://all:3", "socks5://all:3")]
    [InlineData(""" "https_proxy": "proxy.corp:3128", """, "http://proxy.corp:3128", null)]
    [InlineData(""" "HTTP_PROXY": "http://plain:2", "HTTPS_PROXY": "", """, null, "http://plain:2")]
    [InlineData(""" "ALL_PROXY": "http://all:3", "NO_PROXY": "example.com", """, null, null)]
    [InlineData(""" "ALL_PROXY": "http://all:3", "NO_PROXY": "other.example, .api.example.com", """, null, null)]
    [InlineData(""" "ALL_PROXY": "http://all:3", "NO_PROXY": "*", """, null, null)]
    [InlineData(""" "ALL_PROXY": "http://all:3", "NO_PROXY": "other.example", """, "http://all:3", "http://all:3")]
    [InlineData(""" "ALL_PROXY": "http://all:3", "Proxy": "http://ours:4", """, "http://ours:4", "http://ours:4")]
    [InlineData(""" "ALL_PROXY": "http://all:3", "Proxy": "none", """, null, null)]
    [InlineData(""" "NO_PROXY": "example.com", "Proxy": "http://ours:4", """, null, null)]
    [InlineData(""" "NO_PROXY": "example.com", "Proxy": { "Address": "http://ours:4", "Exceptions": [] }, """, "http://ours:4", "http://ours:4")]
    [InlineData(""" "Proxy": { "Address": "http://ours:4", "Exceptions": ["10.0.0.0/8", "api.example.com"] }, """, null, null)]
    public void Environment_AndSetting_LeadToEachSchemesProxy(string root, string? ofHttps, string? ofHttp)
    {
        CatalogJson.Snapshot(Settings(root)).Providers["p"].Proxy?.ToString().Should().Be(ofHttps);
        CatalogJson.Snapshot(Settings(root, scheme: "http")).Providers["p"].Proxy?.ToString().Should().Be(ofHttp);
    }

    [Fact]
    public void Proxy_OfAProvider_GoesBeforeThatOfAllAndItsExceptions()
    {
        const string All = """ "Proxy": { "Address": "http://all:1", "Exceptions": ["*"] }, """;

        CatalogJson.Snapshot(Settings(All, """ , "Proxy": "http://own:2" """)).Providers["p"].Proxy!.ToString().Should().Be("http://own:2");
        CatalogJson.Snapshot(Settings(""" "Proxy": "http://all:1", """, """ , "Proxy": "none" """)).Providers["p"].Proxy.Should().BeNull();
    }

    [Theory]
    [InlineData("http://localhost:11434/v1", true)]
    [InlineData("http://vllm:8000/v1", true)]
    [InlineData("https://api.example.com/v1", false)]
    public void BypassOnLocal_OfACluster_StillHolds(string address, bool direct)
    {
        var json = $$$"""{ "Providers": { "p": { "BaseUrl": "{{{address}}}", "Cluster": { "HttpClient": { "WebProxy": { "Address": "http://proxy:1", "BypassOnLocal": true } } } } } }""";

        (CatalogJson.Snapshot(json).Providers["p"].Proxy is null).Should().Be(direct);
    }

    [Theory]
    [InlineData("example.com", "https://example.com/", true)]
    [InlineData("example.com", "https://api.EXAMPLE.com/", true)]
    [InlineData(".example.com", "https://api.example.com/", true)]
    [InlineData("*.example.com", "https://api.example.com/", true)]
    [InlineData("example.com", "https://notexample.com/", false)]
    [InlineData("example.com:8443", "https://example.com:8443/", true)]
    [InlineData("example.com:8443", "https://example.com/", false)]
    [InlineData("10.0.0.0/8", "http://10.1.2.3/", true)]
    [InlineData("10.0.0.0/8", "http://11.1.2.3/", false)]
    [InlineData("127.0.0.1", "http://127.0.0.1:8080/", true)]
    [InlineData("127.0.0.1:8081", "http://127.0.0.1:8080/", false)]
    [InlineData("::1", "http://[::1]:8080/", true)]
    [InlineData("[::1]:8080", "http://[::1]:8080/", true)]
    [InlineData("fd00::/8", "http://[fd00::7]/", true)]
    [InlineData("*", "http://anything.example/", true)]
    public void Exception_InAnyForm_CoversWhatItNames(string entry, string target, bool covered)
    {
        ProxyExceptions.IsOne(entry).Should().BeTrue();
        ProxyExceptions.Of([entry]).Cover(new Uri(target)).Should().Be(covered);
    }

    private static OutgoingProxy Proxy(string root, string ofProvider = "") => CatalogJson.Snapshot(Settings(root, ofProvider)).Providers["p"].Proxy!;

    private static string Settings(string root, string ofProvider = "", string scheme = "https") =>
        $$$"""{ {{{root}}} "Providers": { "p": { "BaseUrl": "{{{scheme}}}://api.example.com/v1" {{{ofProvider}}} } } }""";
}
