using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogReaderTests
{
    [Fact]
    public void Read_NothingConfigured_GivesAnEmptyCatalogInDollars()
    {
        var snapshot = CatalogJson.Snapshot("{}");

        snapshot.Providers.Should().BeEmpty();
        snapshot.Aliases.Should().BeEmpty();
        snapshot.Currency.Should().Be("USD");
    }

    [Fact]
    public void Read_EmptySections_AreAsGoodAsNone()
    {
        var snapshot = CatalogJson.Snapshot("""{ "Providers": {}, "Aliases": [], "Billing": null }""");

        snapshot.Providers.Should().BeEmpty();
        snapshot.Aliases.Should().BeEmpty();
    }

    [Fact]
    public void Read_GivenRevision_IsTheSnapshots()
        => CatalogReader.Read(CatalogJson.Configuration("{}"), [], revision: 7).Snapshot!.Revision.Should().Be(7);

    [Fact]
    public void Read_Currency_IsTaken()
        => CatalogJson.Snapshot("""{ "Billing": { "Currency": "CNY" } }""").Currency.Should().Be("CNY");

    [Theory]
    [InlineData("usd")]
    [InlineData("US")]
    [InlineData("EURO")]
    [InlineData("")]
    public void Read_CurrencyIsNotThreeCapitals_IsAnError(string currency)
        => CatalogJson.Read($$"""{ "Billing": { "Currency": "{{currency}}" } }""")
            .Errors.Should().ContainSingle().Which.Should().StartWith("Billing:Currency: ");

    [Fact]
    public void Read_SeveralMistakes_AreAllReportedWithTheirPaths()
    {
        var reading = CatalogJson.Read("""
            {
              "Billing": { "Currency": "dollars" },
              "Providers": {
                "deepseek": {
                  "BaseUrl": "not an address",
                  "IdleTimeout": "soon",
                  "Models": { "deepseek-chat": { "InputPrice": "cheap", "OutputPrice": 1 } }
                }
              },
              "Aliases": { "smart": [ "nobody:nothing" ] }
            }
            """);

        reading.Snapshot.Should().BeNull();
        reading.Errors.Select(error => error.Split(": ")[0]).Should().BeEquivalentTo(
            "Billing:Currency",
            "Providers:deepseek:BaseUrl",
            "Providers:deepseek:IdleTimeout",
            "Providers:deepseek:Models:deepseek-chat:InputPrice",
            "Aliases:smart:0");
    }

    [Theory]
    [InlineData("foo bar")]
    [InlineData("a/b")]
    [InlineData("käse")]
    [InlineData("")]
    public void Read_ProviderNameWithOtherCharacters_IsAnError(string name)
        => CatalogJson.Read($$"""{ "Providers": { "{{name}}": { "BaseUrl": "http://localhost" } } }""")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:{name}: ");

    [Fact]
    public void Read_ProviderNameWithEveryAllowedKindOfCharacter_IsTaken()
        => CatalogJson.Snapshot("""{ "Providers": { "Az09._-": { "BaseUrl": "http://localhost" } } }""")
            .Providers.Should().ContainKey("Az09._-");

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("5")]
    public void Read_ProviderThatIsNoObject_IsAnError(string value)
        => CatalogJson.Read($$"""{ "Providers": { "p": {{value}} } }""")
            .Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p: ");

    [Fact]
    public void Read_ProvidersIsText_IsAnError()
        => CatalogJson.Read("""{ "Providers": "deepseek" }""").Errors.Should().ContainSingle().Which.Should().StartWith("Providers: ");

    [Fact]
    public void Read_KeysInAnotherCase_AreTheSameKeys()
    {
        var snapshot = CatalogJson.Snapshot("""
            { "providers": { "p": { "baseurl": "http://localhost", "MODELS": { "m": { "inputprice": 1, "OUTPUTPRICE": 2 } } } } }
            """);

        snapshot.Providers["p"].Models["m"].Price.Tokens.Output.Should().Be(2_000_000_000);
    }

    [Fact]
    public void Read_RuleThatComplains_IsReportedWithTheRest()
    {
        var reading = CatalogJson.Read(
            """{ "Providers": { "p": { "BaseUrl": "nowhere" } } }""",
            new ComplainAboutEveryProvider());

        reading.Errors.Should().HaveCount(2);
        reading.Errors.Should().Contain("Providers:p:Cluster: not to my liking.");
    }

    private sealed class ComplainAboutEveryProvider : ICatalogRule
    {
        public void Check(CatalogSnapshot snapshot, ICollection<string> errors)
        {
            foreach (var name in snapshot.Providers.Keys)
            {
                errors.Add($"Providers:{name}:Cluster: not to my liking.");
            }
        }
    }
}
