using MixGateway.Billing;

namespace MixGateway.Tests.Catalog;

public sealed class ModelReaderTests
{
    [Fact]
    public void Prices_OnlyTheRequiredOnes_StandForTheOthersToo()
        => CatalogJson.Model("""  "InputPrice": 0.28, "OutputPrice": 0.42 """)
            .Price.Tokens.Should().Be(new TokenPrices(280_000_000, 280_000_000, 280_000_000, 420_000_000, 420_000_000));

    [Fact]
    public void Prices_All_AreTaken()
    {
        var price = CatalogJson.Model("""
            "InputPrice": 1, "CachedInputPrice": 0.1, "CacheWritePrice": 1.25, "OutputPrice": 5, "ReasoningPrice": 6, "RequestPrice": "0.005"
            """).Price;

        price.Tokens.Should().Be(new TokenPrices(1_000_000_000, 100_000_000, 1_250_000_000, 5_000_000_000, 6_000_000_000));
        price.Request.Should().Be(5_000_000);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.000000001", 1)]
    [InlineData("0.1", 100_000_000)]
    [InlineData("1000000", 1_000_000_000_000_000)]
    [InlineData("999999.999999999", 999_999_999_999_999)]
    [InlineData("\"0.3\"", 300_000_000)]
    public void Prices_AreReadExactly(string written, long nanos)
        => CatalogJson.Model($"\"InputPrice\": {written}, \"OutputPrice\": 1").Price.Tokens.Input.Should().Be(nanos);

    [Theory]
    [InlineData("-1")]
    [InlineData("1000000.000000001")]
    [InlineData("99999999999999999999")]
    [InlineData("0.0000000001")]
    [InlineData("1e3")]
    [InlineData("\"\"")]
    [InlineData("\"1,5\"")]
    [InlineData("\" 1\"")]
    [InlineData("\".5\"")]
    [InlineData("\"1.\"")]
    [InlineData("\"NaN\"")]
    [InlineData("true")]
    [InlineData("[ 1 ]")]
    public void Prices_OfAnotherShape_AreErrors(string written)
    {
        foreach (var key in new[] { "CachedInputPrice", "CacheWritePrice", "ReasoningPrice", "RequestPrice" })
        {
            CatalogJson.ReadModel($"\"InputPrice\": 1, \"OutputPrice\": 1, \"{key}\": {written}")
                .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:Models:m:{key}: ");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "InputPrice": null """)]
    public void Prices_InputAndOutputNotWritten_AreErrors(string settings)
        => CatalogJson.ReadModel(settings).Errors.Select(error => error.Split(": ")[0])
            .Should().Equal("Providers:p:Models:m:InputPrice", "Providers:p:Models:m:OutputPrice");

    [Fact]
    public void Prices_OfAWildcardNotWritten_AreErrorsToo()
        => CatalogJson.ReadProvider("""  "Models": { "*": {} } """).Errors.Should().HaveCount(2);

    [Fact]
    public void Tiers_AnyOrder_AreSortedAndInheritFromThemselves()
    {
        var price = CatalogJson.Model("""
            "InputPrice": 1, "OutputPrice": 2, "CachedInputPrice": 0.5,
            "Tiers": [
              { "AbovePromptTokens": 500000, "InputPrice": 5, "OutputPrice": 6, "CachedInputPrice": 0.7, "CacheWritePrice": 8, "ReasoningPrice": 9 },
              { "AbovePromptTokens": 200000, "InputPrice": 3, "OutputPrice": 4 }
            ]
            """).Price;

        price.Tiers.Should().Equal(
            new PriceTier(200_000, new TokenPrices(3_000_000_000, 3_000_000_000, 3_000_000_000, 4_000_000_000, 4_000_000_000)),
            new PriceTier(500_000, new TokenPrices(5_000_000_000, 700_000_000, 8_000_000_000, 6_000_000_000, 9_000_000_000)));
        price.For(200_001).Input.Should().Be(3_000_000_000);
    }

    [Theory]
    [InlineData("""[ { "InputPrice": 1, "OutputPrice": 1 } ]""", "Tiers:0:AbovePromptTokens")]
    [InlineData("""[ { "AbovePromptTokens": 0, "InputPrice": 1, "OutputPrice": 1 } ]""", "Tiers:0:AbovePromptTokens")]
    [InlineData("""[ { "AbovePromptTokens": 5, "InputPrice": 1 } ]""", "Tiers:0:OutputPrice")]
    [InlineData("""[ { "AbovePromptTokens": 5, "OutputPrice": 1 } ]""", "Tiers:0:InputPrice")]
    [InlineData("""[ { "AbovePromptTokens": 5, "InputPrice": 1, "OutputPrice": 1, "InputPrcie": 1 } ]""", "Tiers:0:InputPrcie")]
    [InlineData("""[ { "AbovePromptTokens": 5, "InputPrice": 1, "OutputPrice": 1 }, { "AbovePromptTokens": 5, "InputPrice": 1, "OutputPrice": 1 } ]""", "Tiers:1:AbovePromptTokens")]
    [InlineData("""{ "high": { "AbovePromptTokens": 5, "InputPrice": 1, "OutputPrice": 1 } }""", "Tiers")]
    [InlineData("\"none\"", "Tiers")]
    public void Tiers_WithAMistake_AreErrors(string tiers, string path)
        => CatalogJson.ReadModel($"\"InputPrice\": 1, \"OutputPrice\": 1, \"Tiers\": {tiers}")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:Models:m:{path}: ");

    [Fact]
    public void TokenPrices_OfSoundPicturesAndLongCaches_AreTaken()
    {
        var prices = CatalogJson.Model("""
            "InputPrice": 1, "OutputPrice": 2, "CacheWrite1hPrice": 3, "AudioInputPrice": 4, "AudioOutputPrice": 5, "ImageInputPrice": 6, "ImageOutputPrice": 7
            """).Price.Tokens;

        (prices.CacheWrite1h, prices.AudioInput, prices.AudioOutput, prices.ImageInput, prices.ImageOutput)
            .Should().Be((3_000_000_000L, 4_000_000_000L, 5_000_000_000L, 6_000_000_000L, 7_000_000_000L));
    }

    [Fact]
    public void ToolPrices_OfProviderAndModel_TheModelsComeFirst()
    {
        var models = CatalogJson.Provider("""
            "ToolPrices": { "web_search": 0.01, "file_search": 0.0025 },
            "Models": { "a": { "InputPrice": 0, "OutputPrice": 0, "ToolPrices": { "web_search": 0.03 } }, "b": { "InputPrice": 0, "OutputPrice": 0 } }
            """).Models;

        models["a"].Price.Tools.Should().BeEquivalentTo(new Dictionary<string, long> { ["web_search"] = 30_000_000, ["file_search"] = 2_500_000 });
        models["b"].Price.Tools.Should().BeEquivalentTo(new Dictionary<string, long> { ["web_search"] = 10_000_000, ["file_search"] = 2_500_000 });
    }

    [Theory]
    [InlineData("web_search", 10)]
    [InlineData("web_search_preview", 10)]
    [InlineData("web_search_preview_2025_03_11", 10)]
    [InlineData("web_search_20250305", 10)]
    [InlineData("$web_search", 10)]
    [InlineData("openrouter:web_search", 10)]
    [InlineData("web_search_options", 10)]
    [InlineData("google_search", 70)]
    [InlineData("file_search", null)]
    public void OfTool_ItsOwnNameOrTheCommonOne_HasThePrice(string name, int? millis)
        => CatalogJson.Model("""  "InputPrice": 0, "OutputPrice": 0, "ToolPrices": { "web_search": 0.010, "google_search": 0.070 } """)
            .Price.OfTool(name).Should().Be(millis * 1_000_000L);

    [Theory]
    [InlineData("""{ "web_search": "much" }""", "ToolPrices:web_search")]
    [InlineData("""{ "web_search": null }""", "ToolPrices:web_search")]
    [InlineData("\"web_search\"", "ToolPrices")]
    public void ToolPrices_WithAMistake_AreErrors(string tools, string path)
        => CatalogJson.ReadModel($"\"InputPrice\": 0, \"OutputPrice\": 0, \"ToolPrices\": {tools}")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:Models:m:{path}: ");

    [Theory]
    [InlineData("100000", true)]
    [InlineData("0", false)]
    [InlineData("1.5", false)]
    public void MaxMediaTokens_Written_IsACount(string value, bool valid)
        => (CatalogJson.ReadModel($"\"InputPrice\": 0, \"OutputPrice\": 0, \"MaxMediaTokens\": {value}").Errors.Length == 0).Should().Be(valid);

    [Fact]
    public void Purchase_Written_IsAPriceOfItsOwn()
    {
        var model = CatalogJson.Model("""
            "InputPrice": 2, "OutputPrice": 4, "RequestPrice": 1,
            "Purchase": { "InputPrice": 0.5, "OutputPrice": 1, "CachedInputPrice": 0.1, "RequestPrice": 0.25, "Tiers": [{ "AbovePromptTokens": 10, "InputPrice": 0.7, "OutputPrice": 1 }] }
            """);

        model.Purchase!.Tokens.Should().Be(new TokenPrices(500_000_000, 100_000_000, 500_000_000, 1_000_000_000, 1_000_000_000));
        model.Purchase.Request.Should().Be(250_000_000);
        model.Purchase.For(11).Input.Should().Be(700_000_000);
        model.Price.Tokens.Input.Should().Be(2_000_000_000);
    }

    [Fact]
    public void Purchase_NotWritten_IsUnknown() => CatalogJson.Model("""  "InputPrice": 0, "OutputPrice": 0 """).Purchase.Should().BeNull();

    [Theory]
    [InlineData("0.5", "Purchase")]
    [InlineData("""{ "InputPrice": 1 }""", "Purchase:OutputPrice")]
    [InlineData("""{ "InputPrice": 1, "OutputPrice": 1, "ContextLength": 5 }""", "Purchase:ContextLength")]
    public void Purchase_WithAMistake_IsAnError(string purchase, string path)
        => CatalogJson.ReadModel($"\"InputPrice\": 1, \"OutputPrice\": 1, \"Purchase\": {purchase}")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:Models:m:{path}: ");

    [Fact]
    public void Lengths_Written_AreTaken()
    {
        var model = CatalogJson.Model("""  "InputPrice": 0, "OutputPrice": 0, "ContextLength": 131072, "MaxOutputTokens": 1 """);

        model.ContextLength.Should().Be(131_072);
        model.MaxOutputTokens.Should().Be(1);
    }

    [Fact]
    public void Lengths_NotWritten_AreUnknown()
    {
        var model = CatalogJson.Model("""  "InputPrice": 0, "OutputPrice": 0 """);

        model.ContextLength.Should().BeNull();
        model.MaxOutputTokens.Should().BeNull();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e5")]
    [InlineData("9999999999999999999999")]
    [InlineData("\"many\"")]
    public void Lengths_ThatAreNoCounts_AreErrors(string written)
    {
        foreach (var key in new[] { "ContextLength", "MaxOutputTokens" })
        {
            CatalogJson.ReadModel($"\"InputPrice\": 1, \"OutputPrice\": 1, \"{key}\": {written}")
                .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:Models:m:{key}: ");
        }
    }

    [Fact]
    public void Models_AsAList_TakeTheirIdFromId()
    {
        var provider = CatalogJson.Provider("""
            "Models": [
              { "Id": "llama3:8b", "InputPrice": 1, "OutputPrice": 2 },
              { "Id": "GPT", "InputPrice": 1, "OutputPrice": 2 },
              { "Id": "gpt", "InputPrice": 3, "OutputPrice": 4 },
              { "Id": "*", "InputPrice": 5, "OutputPrice": 6 }
            ]
            """);

        provider.Models.Keys.Should().BeEquivalentTo("llama3:8b", "GPT", "gpt", "*");
        provider.Models["gpt"].Id.Should().Be("gpt");
        provider.Models["gpt"].Price.Tokens.Input.Should().Be(3_000_000_000);
    }

    [Theory]
    [InlineData("""[ { "InputPrice": 1, "OutputPrice": 1 } ]""", "Models:0:Id")]
    [InlineData("""[ { "Id": "", "InputPrice": 1, "OutputPrice": 1 } ]""", "Models:0")]
    [InlineData("""[ { "Id": "a\nb", "InputPrice": 1, "OutputPrice": 1 } ]""", "Models:0")]
    [InlineData("""[ { "Id": "a", "InputPrice": 1, "OutputPrice": 1 }, { "Id": "a", "InputPrice": 1, "OutputPrice": 1 } ]""", "Models:1")]
    [InlineData("""[ "a" ]""", "Models:0")]
    [InlineData("""{ "a": 1 }""", "Models:a")]
    [InlineData("""{ "a": { "Id": "b", "InputPrice": 1, "OutputPrice": 1 } }""", "Models:a:Id")]
    [InlineData("\"a\"", "Models")]
    public void Models_WithAMistake_AreErrors(string models, string path)
        => CatalogJson.ReadProvider($"\"Models\": {models}")
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:{path}: ");

    [Fact]
    public void Models_KeyWithAColon_IsAnErrorThatNamesTheList()
        => CatalogJson.ReadProvider("""  "Models": { "llama3:8b": { "InputPrice": 1, "OutputPrice": 1 } } """)
            .Errors.Should().Contain(error => error.StartsWith("Providers:p:Models:llama3: ", StringComparison.Ordinal) && error.Contains("as a list", StringComparison.Ordinal));

    [Theory]
    [InlineData("InputPrcie", "InputPrice?")]
    [InlineData("ContextLenght", "ContextLength?")]
    [InlineData("MaxOutputToken", "MaxOutputTokens?")]
    public void Keys_WithATypo_AreErrorsThatNameTheNearest(string key, string suggestion)
        => CatalogJson.ReadModel($"\"InputPrice\": 1, \"OutputPrice\": 1, \"{key}\": 1")
            .Errors.Should().ContainSingle().Which.Should().Be($"Providers:p:Models:m:{key}: is not known here; did you mean {suggestion}");
}
