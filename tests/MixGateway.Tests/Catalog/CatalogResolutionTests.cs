using System.Text;
using System.Text.Json;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class CatalogResolutionTests
{
    private static readonly CatalogSnapshot Catalog = CatalogJson.Snapshot("""
        {
          "Providers": {
            "openai": { "BaseUrl": "https://api.openai.com/v1", "Models": [
              { "Id": "gpt-5", "InputPrice": 1, "OutputPrice": 2 },
              { "Id": "ft:gpt-5:acme", "InputPrice": 3, "OutputPrice": 4 } ] },
            "router": { "BaseUrl": "https://openrouter.ai/api/v1", "Models": {
              "openai/gpt-5": { "InputPrice": 5, "OutputPrice": 6 },
              "*": { "InputPrice": 7, "OutputPrice": 8 } } },
            "empty": { "BaseUrl": "http://localhost" }
          },
          "Aliases": { "smart": [ "router:openai/gpt-5", "openai:gpt-5", "router:x/y" ], "openai/fast": "openai:gpt-5" }
        }
        """);

    [Theory]
    [InlineData("openai:gpt-5", "openai", "gpt-5", 1)]
    [InlineData("openai:ft:gpt-5:acme", "openai", "ft:gpt-5:acme", 3)]
    [InlineData("router:openai/gpt-5", "router", "openai/gpt-5", 5)]
    [InlineData("router:openai/gpt-4o:free", "router", "openai/gpt-4o:free", 7)]
    [InlineData("openai/gpt-5", "openai", "gpt-5", 1)]
    [InlineData("openai/ft:gpt-5:acme", "openai", "ft:gpt-5:acme", 3)]
    [InlineData("router/openai/gpt-5", "router", "openai/gpt-5", 5)]
    [InlineData("router/meta/llama:free", "router", "meta/llama:free", 7)]
    [InlineData("openai/fast", "openai", "gpt-5", 1)]
    public void TryResolve_NameOfOneModel_GivesItWithItsCanonicalName(string name, string provider, string modelId, long input)
    {
        Catalog.TryResolve(name, out var models).Should().BeTrue();

        var model = models.Should().ContainSingle().Subject;
        model.Provider.Name.Should().Be(provider);
        model.ModelId.Should().Be(modelId);
        model.CanonicalName.Should().Be($"{provider}:{modelId}");
        model.Model.Price.Tokens.Input.Should().Be(input * 1_000_000_000);
    }

    [Fact]
    public void TryResolve_Alias_GivesItsModelsInOrder()
    {
        Catalog.TryResolve("smart", out var models).Should().BeTrue();

        models.Select(model => model.CanonicalName).Should().Equal("router:openai/gpt-5", "openai:gpt-5", "router:x/y");
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("/")]
    [InlineData("gpt-5")]
    [InlineData("openai")]
    [InlineData("openai:")]
    [InlineData("openai:gpt-6")]
    [InlineData("OpenAI:gpt-5")]
    [InlineData("openai:GPT-5")]
    [InlineData("Smart")]
    [InlineData("empty:gpt-5")]
    [InlineData("nobody:gpt-5")]
    [InlineData("nobody/gpt-5")]
    [InlineData("router:")]
    [InlineData("router: ")]
    [InlineData("router:*")]
    [InlineData("router/*")]
    [InlineData("router:a\u0000b")]
    [InlineData("router:a\nb")]
    [InlineData("router:OpenAI/gpt-5")]
    [InlineData("router/OPENAI/GPT-5")]
    [InlineData("router:openai/gpt-5 ")]
    [InlineData("router: openai/gpt-5")]
    [InlineData("router:openai/ gpt-5")]
    [InlineData("router:openai/gpt-5\u00A0")]
    [InlineData("router:\u200Bopenai/gpt-5")]
    [InlineData("router:openai/gpt\u00AD-5")]
    public void TryResolve_NameOfNothing_GivesNothing(string name)
    {
        Catalog.TryResolve(name, out var models).Should().BeFalse();

        models.IsDefaultOrEmpty.Should().BeTrue();
    }

    [Theory]
    [InlineData("router:OpenAI/gpt-5", "router:openai/gpt-5")]
    [InlineData("ROUTER/openai/gpt-5", "router:openai/gpt-5")]
    [InlineData(" router : openai/gpt-5\t", "router:openai/gpt-5")]
    [InlineData("SMART", "smart")]
    [InlineData("OpenAI/Fast", "openai/fast")]
    [InlineData("router:openai/gpt-6", null)]
    public void SpellingOf_ANameButForCaseAndSpace_IsTheConfiguredOne(string written, string? right) => Catalog.SpellingOf(written).Should().Be(right);

    [Fact]
    public void SpellingOf_AVeryLongName_IsNone() => Catalog.SpellingOf(new string('x', 100_000)).Should().BeNull();

    [Fact]
    public void TryResolve_TwoListedNamesThatDifferByCase_AreTwoModels()
    {
        var catalog = CatalogJson.Snapshot("""
            { "Providers": { "p": { "BaseUrl": "http://localhost", "Models": [
              { "Id": "M", "InputPrice": 1, "OutputPrice": 1 }, { "Id": "m", "InputPrice": 2, "OutputPrice": 2 }, { "Id": "*", "InputPrice": 3, "OutputPrice": 3 } ] } } }
            """);

        catalog.TryResolve("p:M", out var upper).Should().BeTrue();
        catalog.TryResolve("p:m", out var lower).Should().BeTrue();
        catalog.TryResolve("p:m ", out _).Should().BeFalse();

        (upper[0].Model.Price.Tokens.Input, lower[0].Model.Price.Tokens.Input).Should().Be((1_000_000_000L, 2_000_000_000L));
    }

    [Fact]
    public void TryResolve_HalfACharacterUnderAWildcard_GivesNothing()
        => Catalog.TryResolve("router:" + '\ud83d', out _).Should().BeFalse();

    [Theory]
    [InlineData(ModelName.MaxIdLength, true)]
    [InlineData(ModelName.MaxIdLength + 1, false)]
    public void TryResolve_LongNameUnderAWildcard_IsBounded(int length, bool found)
        => Catalog.TryResolve("router:" + new string('x', length), out _).Should().Be(found);

    [Fact]
    public void TryResolve_ConfiguredName_AllocatesNothing()
    {
        Catalog.TryResolve("openai:gpt-5", out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Catalog.TryResolve("openai:gpt-5", out _);
        Catalog.TryResolve("openai/gpt-5", out _);
        Catalog.TryResolve("smart", out _);
        Catalog.TryResolve("nobody:gpt-5", out _);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with \"quotes\" and \\ and / and + and <b>")]
    [InlineData("模型-😀")]
    public void ResolvedModel_Json_IsTheTextQuoted(string modelId)
    {
        Catalog.TryResolve($"router:{modelId}", out var models).Should().BeTrue();

        JsonSerializer.Deserialize<string>(models[0].ModelIdJson.Span).Should().Be(modelId);
        JsonSerializer.Deserialize<string>(models[0].CanonicalNameJson.Span).Should().Be($"router:{modelId}");
    }

    [Fact]
    public void ResolvedModel_Json_LeavesWhatNeedsNoEscapeAsItIs()
    {
        Catalog.TryResolve("router:a+b/模型", out var models).Should().BeTrue();

        Encoding.UTF8.GetString(models[0].ModelIdJson.Span).Should().Be("\"a+b/模型\"");
    }

    [Fact]
    public void ResolvedModel_OfTheSameName_IsEqual()
    {
        Catalog.TryResolve("router:x", out var first);
        Catalog.TryResolve("router/x", out var second);
        Catalog.TryResolve("router:y", out var other);

        second[0].Should().Be(first[0]);
        second[0].GetHashCode().Should().Be(first[0].GetHashCode());
        other[0].Should().NotBe(first[0]);
    }
}
