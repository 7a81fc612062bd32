using MixGateway.Catalog;
using MixGateway.Routing;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Routing;

public sealed class ModelRouterTests
{
    private static readonly CatalogSnapshot Catalog = CatalogJson.Snapshot($$"""
        {
          "Providers": {
            {{CatalogJson.DeepSeek}},
            "any": { "BaseUrl": "http://localhost", "Models": { "*": { "InputPrice": 1, "OutputPrice": 2 }, "Zeta": { "InputPrice": 1, "OutputPrice": 2 }, "alpha": { "InputPrice": 1, "OutputPrice": 2 } } }
          },
          "Aliases": { "smart": [ "any:x", "deepseek:deepseek-chat", "any:y" ], "Best": "deepseek:deepseek-chat" }
        }
        """);

    [Theory]
    [InlineData("deepseek:deepseek-chat", "deepseek:deepseek-chat")]
    [InlineData("deepseek/deepseek-chat", "deepseek:deepseek-chat")]
    [InlineData("any:thing", "any:thing")]
    [InlineData("smart", "any:x,deepseek:deepseek-chat,any:y")]
    public void Route_NoRestriction_PlansAllInOrder(string name, string expected)
        => Planned(name, ModelPatterns.All).Should().Equal(expected.Split(','));

    [Theory]
    [InlineData("deepseek:*", "deepseek:deepseek-chat")]
    [InlineData("any:*", "any:x,any:y")]
    [InlineData("*y", "any:y")]
    public void Route_Alias_KeepsWhatTheKeyMayUse(string pattern, string expected)
        => Planned("smart", ModelPatterns.Parse([pattern])).Should().Equal(expected.Split(','));

    [Theory]
    [InlineData("smart")]
    [InlineData("deepseek/deepseek-chat")]
    [InlineData("any:thing")]
    public void Route_NothingAllowed_IsNotAllowed(string name)
        => ModelRouter.Route(Catalog, name, ModelPatterns.Parse(["smart", "deepseek/deepseek-chat", "other:*"]))
            .Should().Be(new RouteResult(RouteOutcome.NotAllowed, null));

    [Theory]
    [InlineData("nobody:x")]
    [InlineData("deepseek:deepseek-coder")]
    [InlineData("")]
    public void Route_UnknownName_IsNotFoundWhateverIsAllowed(string name)
        => ModelRouter.Route(Catalog, name, ModelPatterns.Parse(["other:*"]))
            .Should().Be(new RouteResult(RouteOutcome.NotFound, null));

    [Fact]
    public void Listed_NoRestriction_GivesNamedModelsThenAliasesInOrdinalOrder()
        => Catalog.Listed(ModelPatterns.All).Select(listed => (listed.Name, listed.Model.CanonicalName)).Should().Equal(
            ("any:Zeta", "any:Zeta"),
            ("any:alpha", "any:alpha"),
            ("deepseek:deepseek-chat", "deepseek:deepseek-chat"),
            ("deepseek:deepseek-reasoner", "deepseek:deepseek-reasoner"),
            ("Best", "deepseek:deepseek-chat"),
            ("smart", "any:x"));

    [Fact]
    public void Listed_Restricted_GivesWhatTheKeyMayUse()
        => Catalog.Listed(ModelPatterns.Parse(["any:y", "deepseek:deepseek-reasoner"]))
            .Select(listed => (listed.Name, listed.Model.CanonicalName)).Should().Equal(
                ("deepseek:deepseek-reasoner", "deepseek:deepseek-reasoner"),
                ("smart", "any:y"));

    private static IEnumerable<string> Planned(string name, ModelPatterns allowed)
    {
        var result = ModelRouter.Route(Catalog, name, allowed);
        result.Outcome.Should().Be(RouteOutcome.Planned);
        return result.Plan!.Candidates.Select(candidate => candidate.CanonicalName);
    }
}
