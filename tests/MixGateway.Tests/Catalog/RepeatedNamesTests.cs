using System.Text;
using MixGateway.Catalog;

namespace MixGateway.Tests.Catalog;

public sealed class RepeatedNamesTests
{
    [Theory]
    [InlineData("""{ "Providers": { "p": { "Models": { "gpt": {}, "GPT": {} } } } }""", "Providers:p:Models:GPT")]
    [InlineData("""{ "a": 1, /* again */ "A": 2, "b": { "c": 1, "c": 2, }, }""", "A", "b:c")]
    [InlineData("""{ "list": [1, { "x": 1, "X": 2 }, [], { "x": 1 }] }""", "list:1:X")]
    [InlineData("""{ "a": { "x": 1 }, "b": { "X": 2 } }""")]
    public void Names_ThatConfigurationTakesForOne_AreAllFoundWithTheirPaths(string json, params string[] expected) =>
        RepeatedNames.Find(Encoding.UTF8.GetBytes(json)).Should().Equal(expected);
}
