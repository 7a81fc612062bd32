namespace MixGateway.Tests.Catalog;

public sealed class AliasReaderTests
{
    [Theory]
    [InlineData("""[ "deepseek:deepseek-chat" ]""", "deepseek:deepseek-chat")]
    [InlineData("\"deepseek:deepseek-chat\"", "deepseek:deepseek-chat")]
    [InlineData("""[ "deepseek:deepseek-reasoner", "deepseek:deepseek-chat" ]""", "deepseek:deepseek-reasoner,deepseek:deepseek-chat")]
    [InlineData("""[ "any:of/what:ever" ]""", "any:of/what:ever")]
    [InlineData("""[ "deepseek/deepseek-chat" ]""", "deepseek:deepseek-chat")]
    public void Aliases_OfConfiguredModels_AreTakenInOrder(string targets, string expected)
        => CatalogJson.Snapshot(With($"\"smart\": {targets}")).Aliases["smart"].Should().Equal(expected.Split(','));

    [Theory]
    [InlineData(""" "smart": [ "deepsek:deepseek-chat" ] """, "Aliases:smart:0: names 'deepsek:deepseek-chat', but there is no provider 'deepsek' (did you mean 'deepseek'?)")]
    [InlineData(""" "smart": [ "deepseek:deepseek-chta" ] """, "Aliases:smart:0: names 'deepseek:deepseek-chta', but 'deepseek' has no such model (did you mean 'deepseek-chat'?)")]
    [InlineData(""" "smart": [ "deepseek:" ] """, "Aliases:smart:0: names 'deepseek:', but 'deepseek' has no such model")]
    [InlineData(""" "smart": [ "any:*" ] """, "Aliases:smart:0: names 'any:*', but 'any' has no such model")]
    [InlineData(""" "smart": [ "smart" ] """, "Aliases:smart:0: names 'smart', but an alias stands for provider:modelId only")]
    [InlineData(""" "smart": [ "deepseek:deepseek-chat", "deepseek:deepseek-chat" ] """, "Aliases:smart:1: names 'deepseek:deepseek-chat' a second time")]
    [InlineData(""" "smart": [ "" ] """, "Aliases:smart:0: must be a string")]
    [InlineData(""" "smart": [] """, "Aliases:smart: is an empty list")]
    [InlineData(""" "smart": null """, "Aliases:smart: is an empty list")]
    [InlineData(""" "": [ "deepseek:deepseek-chat" ] """, "Aliases:: is not a usable alias")]
    [InlineData(""" " ": [ "deepseek:deepseek-chat" ] """, "Aliases: : is not a usable alias")]
    [InlineData(""" "deepseek:fast": [ "deepseek:deepseek-chat" ] """, "Aliases:deepseek: must be a list of provider:modelId; an alias itself cannot hold a colon")]
    [InlineData(""" "deepseek/deepseek-chat": [ "deepseek:deepseek-reasoner" ] """, "Aliases:deepseek/deepseek-chat: already is the name of a provider's model")]
    [InlineData(""" "any/thing": [ "deepseek:deepseek-reasoner" ] """, "Aliases:any/thing: already is the name of a provider's model")]
    public void Aliases_WithAMistake_AreErrors(string alias, string error)
        => CatalogJson.Read(With(alias)).Errors.Should().ContainSingle().Which.Should().StartWith(error);

    [Fact]
    public void Aliases_OfAModelWithAnotherMistake_AreNoMistakeThemselves()
        => CatalogJson.Read("""
            {
              "Providers": { "p": { "BaseUrl": "http://localhost", "Models": { "m": { "InputPrice": "x", "OutputPrice": 1 } } } },
              "Aliases": { "smart": [ "p:m" ] }
            }
            """).Errors.Should().ContainSingle().Which.Should().StartWith("Providers:p:Models:m:InputPrice: ");

    [Fact]
    public void Aliases_ThatAreText_AreAnError()
        => CatalogJson.Read("""{ "Aliases": "smart" }""").Errors.Should().ContainSingle().Which.Should().StartWith("Aliases: ");

    private static string With(string alias) => $$"""
        {
          "Providers": {
            {{CatalogJson.DeepSeek}},
            "any": { "BaseUrl": "http://localhost", "Models": { "*": { "InputPrice": 1, "OutputPrice": 2 } } }
          },
          "Aliases": { {{alias}} }
        }
        """;
}
