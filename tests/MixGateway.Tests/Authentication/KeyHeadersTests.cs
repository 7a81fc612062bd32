using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using MixGateway.Authentication;

namespace MixGateway.Tests.Authentication;

public sealed class KeyHeadersTests
{
    private static readonly string Key = ApiKey.Create();
    private static readonly string Second = ApiKey.Create();

    [Fact]
    public void Headers_WithoutAny_HaveNone()
    {
        Read([]).Result.Should().Be(KeyInHeaders.None);
        Read([("Authorization", "")]).Result.Should().Be(KeyInHeaders.None);
        KeyHeaders.AnyIn(new HeaderDictionary()).Should().BeFalse();
    }

    [Fact]
    public void Headers_WithTwoGoodKeys_GoByTheirOrder()
    {
        Read([("api-key", Key), ("x-api-key", Second)]).Key.Should().Be(Second);
        Read([("x-api-key", Key), ("Authorization", "Bearer " + Second)]).Key.Should().Be(Second);
    }

    [Fact]
    public void Header_ThatIsSentTwice_IsNoKey()
    {
        foreach (var name in new[] { "Authorization", "x-api-key", "api-key" })
        {
            var headers = new HeaderDictionary { [name] = new StringValues([$"Bearer {Key}", $"Bearer {Key}"]) };
            KeyHeaders.Read(headers, out _).Should().Be(KeyInHeaders.Malformed, name);
        }
    }

    private static (KeyInHeaders Result, string Key) Read((string Name, string Value)[] sent)
    {
        var headers = new HeaderDictionary();
        foreach (var (name, value) in sent)
        {
            headers[name] = value;
        }

        return (KeyHeaders.Read(headers, out var key), key.ToString());
    }
}
