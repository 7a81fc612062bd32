using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class ProviderReaderTests
{
    [Theory]
    [InlineData("https://api.deepseek.com/v1", "https://api.deepseek.com/v1")]
    [InlineData("https://api.deepseek.com/v1/", "https://api.deepseek.com/v1")]
    [InlineData("http://localhost:11434/", "http://localhost:11434/")]
    [InlineData("http://[::1]:8000/v1", "http://[::1]:8000/v1")]
    public void BaseUrl_Absolute_IsTakenWithoutTrailingSlash(string written, string expected)
        => CatalogJson.Snapshot($$"""{ "Providers": { "p": { "BaseUrl": "{{written}}" } } }""")
            .Providers["p"].BaseUrl.AbsoluteUri.Should().Be(expected);

    [Theory]
    [InlineData("/v1")]
    [InlineData("api.deepseek.com/v1")]
    [InlineData("ftp://api.deepseek.com")]
    [InlineData("https://api.deepseek.com/v1#part")]
    [InlineData("ftp://user:hidden@api.deepseek.com/v1")]
    [InlineData("https://user:hidden@api.deepseek.com/v1#part")]
    [InlineData("https://")]
    [InlineData("")]
    public void BaseUrl_OfAnotherShape_IsAnErrorThatDoesNotRepeatIt(string written)
        => CatalogJson.Read($$"""{ "Providers": { "p": { "BaseUrl": "{{written}}" } } }""")
            .Errors.Should().ContainSingle()
            .Which.Should().StartWith("Providers:p:BaseUrl: must be").And.NotContain("hidden");

    [Theory]
    [InlineData("https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21", "https://x.openai.azure.com/openai/deployments/d", "?api-version=2024-10-21")]
    [InlineData("https://api.example.com/v1/?a=1&b=%2F", "https://api.example.com/v1", "?a=1&b=%2F")]
    [InlineData("https://api.example.com/v1?", "https://api.example.com/v1", "")]
    public void BaseUrl_WithAQuery_IsPathAndQuery(string written, string address, string query)
    {
        var provider = CatalogJson.Snapshot($$"""{ "Providers": { "p": { "BaseUrl": "{{written}}" } } }""").Providers["p"];

        (provider.BaseUrl.AbsoluteUri, provider.Query).Should().Be((address, query));
    }

    [Fact]
    public void BaseUrl_WithAUser_IsACredentialAndShownNowhere()
    {
        var provider = CatalogJson.Snapshot("""{ "Providers": { "p": { "BaseUrl": "https://gate:p%40ss%3Aword@api.example.com/v1" } } }""").Providers["p"];

        provider.BaseUrl.AbsoluteUri.Should().Be("https://api.example.com/v1");
        provider.Credentials.Should().ContainSingle().Which.Authorization.Should().Be("Basic " + Convert.ToBase64String("gate:p@ss:word"u8));
        provider.Secrets.Should().Contain("p@ss:word");
        provider.Credentials[0].ToString().Should().NotContain("ss");
    }

    [Fact]
    public void BaseUrl_WithAUserBesideAKey_IsAnError() =>
        CatalogJson.Read("""{ "Providers": { "p": { "BaseUrl": "https://gate:hidden@api.example.com/v1", "ApiKey": "sk-1" } } }""")
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:BaseUrl: holds a user").And.NotContain("hidden");

    [Fact]
    public void ClientCertificate_InAnyForm_NamesItsFiles()
    {
        CatalogJson.Provider("""  "ClientCertificate": "certs/gateway.pem" """).ClientCertificate.Should().Be(new ClientCertificateFile("certs/gateway.pem", null, null));
        CatalogJson.Provider("""  "ClientCertificate": { "Path": "a.pem", "KeyPath": "a.key", "Password": "x" } """).ClientCertificate.Should().Be(new ClientCertificateFile("a.pem", "a.key", "x"));
        CatalogJson.ReadProvider("""  "ClientCertificate": { "KeyPath": "a.key" } """).Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:ClientCertificate:Path: is missing");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "BaseUrl": null }""")]
    public void BaseUrl_NotWritten_IsAnError(string provider)
        => CatalogJson.Read($$"""{ "Providers": { "p": {{provider}} } }""")
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:BaseUrl: is missing");

    [Fact]
    public void ApiKey_One_IsOneCredential()
        => CatalogJson.Provider("""  "ApiKey": "sk-one" """)
            .Credentials.Should().Equal(new Credential("0", "sk-one"));

    [Fact]
    public void ApiKeys_Several_AreNumberedInOrder()
        => CatalogJson.Provider("""  "ApiKeys": [ "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k" ] """)
            .Credentials.Should().HaveCount(11).And.ContainInOrder(new Credential("2", "c"), new Credential("9", "j"), new Credential("10", "k"));

    [Theory]
    [InlineData("")]
    [InlineData(""" "ApiKey": null """)]
    public void ApiKey_NotWritten_IsOneEmptyCredential(string settings)
        => CatalogJson.Provider(settings).Credentials.Should().Equal(new Credential("0", ""));

    [Theory]
    [InlineData(""" "ApiKey": "" """, "Providers:p:ApiKey")]
    [InlineData(""" "ApiKey": "sk secret" """, "Providers:p:ApiKey")]
    [InlineData(""" "ApiKey": "secret\n" """, "Providers:p:ApiKey")]
    [InlineData(""" "ApiKey": [ "secret" ] """, "Providers:p:ApiKey")]
    [InlineData(""" "ApiKeys": [] """, "Providers:p:ApiKeys")]
    [InlineData(""" "ApiKeys": [ "a", "" ] """, "Providers:p:ApiKeys:1")]
    [InlineData(""" "ApiKeys": [ "a", "secret", "secret" ] """, "Providers:p:ApiKeys:2")]
    [InlineData(""" "ApiKeys": [ "a", "secrét" ] """, "Providers:p:ApiKeys:1")]
    [InlineData(""" "ApiKeys": { "secret": "" } """, "Providers:p:ApiKeys")]
    [InlineData(""" "ApiKey": "secret", "ApiKeys": [ "other" ] """, "Providers:p:ApiKey")]
    public void ApiKey_Unusable_IsAnErrorThatDoesNotRepeatIt(string settings, string path)
        => CatalogJson.ReadProvider(settings)
            .Errors.Should().ContainSingle().Which.Should().StartWith($"{path}: ").And.NotContain("secret").And.NotContain("secrét");

    [Fact]
    public void ApiKeys_EmptyEntryBeforeADuplicate_NamesTheEntryAsWritten()
        => CatalogJson.ReadProvider("""  "ApiKeys": [ "", "a", "a" ] """)
            .Errors.Select(error => error.Split(": ")[0]).Should().Equal("Providers:p:ApiKeys:0", "Providers:p:ApiKeys:2");

    [Fact]
    public void Timeouts_NotWritten_HaveTheirDefaults()
    {
        var provider = CatalogJson.Provider("");

        provider.ConnectTimeout.Should().Be(TimeSpan.FromSeconds(10));
        provider.FirstByteTimeout.Should().Be(TimeSpan.FromMinutes(5));
        provider.IdleTimeout.Should().Be(TimeSpan.FromMinutes(2));
        provider.TotalTimeout.Should().Be(TimeSpan.FromHours(1));
        provider.DrainTimeout.Should().Be(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Timeouts_Written_AreTaken()
    {
        var provider = CatalogJson.Provider("""
            "ConnectTimeout": "00:00:01", "FirstByteTimeout": "00:00:02", "IdleTimeout": "00:00:00.5", "TotalTimeout": "1.00:00:00", "DrainTimeout": "00:00:05"
            """);

        provider.ConnectTimeout.Should().Be(TimeSpan.FromSeconds(1));
        provider.FirstByteTimeout.Should().Be(TimeSpan.FromSeconds(2));
        provider.IdleTimeout.Should().Be(TimeSpan.FromMilliseconds(500));
        provider.TotalTimeout.Should().Be(TimeSpan.FromDays(1));
        provider.DrainTimeout.Should().Be(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("\"00:00:00\"")]
    [InlineData("\"-00:00:01\"")]
    [InlineData("\"1.00:00:01\"")]
    [InlineData("\"1\"")]
    [InlineData("1")]
    [InlineData("\"30x\"")]
    [InlineData("\"2d\"")]
    [InlineData("\"\"")]
    public void Timeouts_OfAnotherShape_AreErrors(string value)
    {
        foreach (var key in new[] { "ConnectTimeout", "FirstByteTimeout", "IdleTimeout", "TotalTimeout", "DrainTimeout" })
        {
            CatalogJson.ReadProvider($"\"{key}\": {value}")
                .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:{key}: ");
        }
    }

    [Theory]
    [InlineData("", OnDisconnect.Drain)]
    [InlineData(""" "OnDisconnect": "cancel" """, OnDisconnect.Cancel)]
    [InlineData(""" "OnDisconnect": "drain" """, OnDisconnect.Drain)]
    public void OnDisconnect_Known_IsTaken(string settings, object expected)
        => CatalogJson.Provider(settings).OnDisconnect.Should().Be((OnDisconnect)expected);

    [Theory]
    [InlineData("\"1\"")]
    [InlineData("\"\"")]
    [InlineData("\"Wait\"")]
    public void OnDisconnect_Unknown_IsAnError(string value)
        => CatalogJson.ReadProvider($"\"OnDisconnect\": {value}")
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:OnDisconnect: ");

    [Theory]
    [InlineData("", true, UpstreamAddressFamily.Any)]
    [InlineData(""" "ResendUnanswered": false, "AddressFamily": "IPv4" """, false, UpstreamAddressFamily.IPv4)]
    [InlineData(""" "ResendUnanswered": "True", "AddressFamily": "ipv6" """, true, UpstreamAddressFamily.IPv6)]
    public void Connections_Known_AreTaken(string settings, bool resends, object family)
    {
        var provider = CatalogJson.Provider(settings);

        (provider.ResendUnanswered, provider.AddressFamily).Should().Be((resends, (UpstreamAddressFamily)family));
    }

    [Theory]
    [InlineData("ResendUnanswered", "\"yes\"")]
    [InlineData("ResendUnanswered", "1")]
    [InlineData("AddressFamily", "\"1\"")]
    [InlineData("AddressFamily", "\"IPv5\"")]
    [InlineData("AddressFamily", "\"\"")]
    public void Connections_OfAnotherShape_AreErrors(string key, string value)
        => CatalogJson.ReadProvider($"\"{key}\": {value}").Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:{key}: ");

    [Theory]
    [InlineData("https://api.example.com", "service_tier,background")]
    [InlineData("https://openrouter.ai/api/v1", "service_tier,background,models,route,provider,plugins,transforms,preset")]
    [InlineData("https://eu.OpenRouter.ai/api/v1", "service_tier,background,models,route,provider,plugins,transforms,preset")]
    [InlineData("https://notopenrouter.ai/api/v1", "service_tier,background")]
    [InlineData("https://api.x.ai/v1", "service_tier,background,deferred")]
    [InlineData("https://api.perplexity.ai", "service_tier,background")]
    public void RefusedFields_NotWritten_AreTheProvidersDefaults(string url, string expected)
        => CatalogJson.Snapshot($$"""{ "Providers": { "p": { "BaseUrl": "{{url}}" } } }""")
            .Providers["p"].RefusedFields.Should().Equal(expected.Split(','));

    [Fact]
    public void ToolFields_NotWritten_AreTheDefaults() => CatalogJson.Provider("""  "ConnectTimeout": "00:00:05" """).ToolFields.Should().Equal(ToolFieldDefaults.All);

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""[ "search" ]""", "search")]
    public void ToolFields_Written_ReplaceTheDefaults(string list, string expected)
        => CatalogJson.Provider($"\"ToolFields\": {list}").ToolFields.Should().Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void FreeTools_Written_AreTaken() => CatalogJson.Provider("""  "FreeTools": [ "code_interpreter", "*" ] """).FreeTools.Should().Equal("code_interpreter", "*");

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""[ "store" ]""", "store")]
    [InlineData("""[ "store", "models", "store" ]""", "store,models")]
    public void RefusedFields_Written_ReplaceTheDefaults(string list, string expected)
        => CatalogJson.Snapshot($$"""{ "Providers": { "p": { "BaseUrl": "https://openrouter.ai", "RefusedFields": {{list}} } } }""")
            .Providers["p"].RefusedFields.Should().Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries));

    [Theory]
    [InlineData("""[ "" ]""", "Providers:p:RefusedFields:0")]
    [InlineData("""{ "store": true }""", "Providers:p:RefusedFields")]
    public void RefusedFields_OfAnotherShape_AreErrors(string list, string path)
        => CatalogJson.ReadProvider($"\"RefusedFields\": {list}")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"{path}: ");

    [Fact]
    public void RemovedFields_Written_AreNotRefusedByDefault()
    {
        var provider = CatalogJson.Snapshot("""
            { "Providers": { "p": { "BaseUrl": "https://openrouter.ai/api/v1", "RemovedFields": [ "models", "Route", "models" ] } } }
            """).Providers["p"];

        provider.RemovedFields.Should().Equal("models", "Route");
        provider.RefusedFields.Should().NotContain("models").And.NotContain("route").And.Contain("plugins");
        CatalogJson.Provider("").RemovedFields.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""  "RemovedFields": [ "x", "Model" ] """, "Providers:p:RemovedFields:1")]
    [InlineData("""  "RemovedFields": [ "max_tokens" ] """, "Providers:p:RemovedFields:0")]
    [InlineData("""  "RemovedFields": [ "" ] """, "Providers:p:RemovedFields:0")]
    [InlineData("""  "RemovedFields": [ "models" ], "RefusedFields": [ "store", "models" ] """, "Providers:p:RefusedFields:1")]
    public void RemovedFields_ThatCannotBe_AreErrors(string settings, string path)
        => CatalogJson.ReadProvider(settings).Errors.Should().ContainSingle().Which.Should().StartWith($"{path}: ");

    [Fact]
    public void Cluster_Written_IsFlattened()
    {
        var settings = CatalogJson.Provider("""
            "Cluster": { "LoadBalancingPolicy": "RoundRobin", "HttpRequest": { "Version": "2", "Policy": null }, "Metadata": { "a": [ "x", "y" ] } }
            """).ClusterSettings;

        settings.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["LoadBalancingPolicy"] = "RoundRobin",
            ["HttpRequest:Version"] = "2",
            ["Metadata:a:0"] = "x",
            ["Metadata:a:1"] = "y",
        });
        settings["httprequest:version"].Should().Be("2");
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "Cluster": {} """)]
    public void Cluster_NotWritten_IsEmpty(string settings)
        => CatalogJson.Provider(settings).ClusterSettings.Should().BeEmpty();

    [Fact]
    public void Cluster_ThatIsNoObject_IsAnError()
        => CatalogJson.ReadProvider("""  "Cluster": "RoundRobin" """)
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:Cluster: ");

    [Theory]
    [InlineData("ApiKye", "ApiKey?")]
    [InlineData("BasUrl", "BaseUrl?")]
    [InlineData("Model", "Models?")]
    public void Keys_WithATypo_AreErrorsThatNameTheNearest(string key, string suggestion)
        => CatalogJson.ReadProvider($"\"{key}\": \"x\"")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:{key}: ").And.EndWith($"did you mean {suggestion}");

    [Fact]
    public void Keys_LikeNoOther_AreErrorsThatNameAll()
        => CatalogJson.ReadProvider("""  "SomethingElseEntirely": 1 """)
            .Errors.Should().ContainSingle().Which.Should().Contain("BaseUrl, ApiKey, ApiKeys, Models");

    [Fact]
    public void ToString_OfWhatHoldsASecret_DoesNotShowIt()
    {
        var snapshot = CatalogJson.Snapshot("""
            { "Providers": { "p": { "BaseUrl": "http://localhost", "ApiKey": "hidden", "Models": { "m": { "InputPrice": 1, "OutputPrice": 1 } } } } }
            """);
        snapshot.TryResolve("p:m", out var models).Should().BeTrue();
        var provider = snapshot.Providers["p"];

        string.Concat(snapshot, provider, provider.Credentials[0], provider.Models["m"], models[0]).Should().NotContain("hidden");
    }
}
