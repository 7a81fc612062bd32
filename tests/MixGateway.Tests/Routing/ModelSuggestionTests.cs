using MixGateway.Catalog;
using MixGateway.Routing;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Routing;

public sealed class ModelSuggestionTests
{
    private static readonly CatalogSnapshot Catalog = CatalogJson.Snapshot($$"""
        {
          "Providers": {
            {{CatalogJson.DeepSeek}},
            "openai": { "BaseUrl": "http://localhost", "Models": { "gpt-5": { "InputPrice": 1, "OutputPrice": 2 } } },
            "star": { "BaseUrl": "http://localhost", "Models": { "dear": { "InputPrice": 9, "OutputPrice": 9 }, "*": { "InputPrice": 1, "OutputPrice": 2 } } }
          },
          "Aliases": { "smart": [ "deepseek:deepseek-chat" ] }
        }
        """);

    [Theory]
    [InlineData("star:DEAR", "star:dear")]
    [InlineData("star:dear ", "star:dear")]
    [InlineData("star: dear", "star:dear")]
    [InlineData("star/Dear", "star:dear")]
    [InlineData("STAR:dear", "star:dear")]
    [InlineData("Smart", "smart")]
    [InlineData("smrt", "smart")]
    [InlineData("openai:gpt5", "openai:gpt-5")]
    [InlineData("openai/gpt5", "openai:gpt-5")]
    [InlineData("deepsek:deepseek-chat", "deepseek:deepseek-chat")]
    [InlineData("STAR:anything", "star:anything")]
    [InlineData("strar:some/long-model-name", "star:some/long-model-name")]
    [InlineData("nobody:nothing-at-all", null)]
    [InlineData("", null)]
    public void For_ANameThatIsNotConfigured_IsTheNearestThatIs(string written, string? meant) => ModelSuggestion.For(Catalog, written, ModelPatterns.All).Should().Be(meant);

    /// <summary>A key learns nothing of models that it may not use.</summary>
    [Theory]
    [InlineData("star:DEAR", null)]
    [InlineData("openai:gpt5", null)]
    [InlineData("strar:some/long-model-name", null)]
    [InlineData("deepsek:deepseek-chat", "deepseek:deepseek-chat")]
    [InlineData("SMART", "smart")]
    public void For_AKeyThatMayUseOneProvider_NamesNoOther(string written, string? meant) =>
        ModelSuggestion.For(Catalog, written, ModelPatterns.Parse(["deepseek:*"])).Should().Be(meant);
}
