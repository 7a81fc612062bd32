using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class PathSuggestionTests
{
    [Theory]
    [InlineData("/chat/completions", "/v1/chat/completions")]
    [InlineData("//v1//chat//completions//", "/v1/chat/completions")]
    [InlineData("/v1/v1/v1/embeddings", "/v1/embeddings")]
    [InlineData("/V1/Completions", "/v1/completions")]
    [InlineData("/v1/engines/x/completions", "/v1/completions")]
    [InlineData("/models", "/v1/models")]
    [InlineData("/v1/v1/models/p:org/m", "/v1/models/p:org/m")]
    [InlineData("/models/P:M", "/v1/models/P:M")]
    [InlineData("/openai/models", null)]
    [InlineData("/chat", null)]
    [InlineData("/completions/x", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    [InlineData("/v1", null)]
    public void Path_OfACaller_NamesTheOneThatWasMeant(string path, string? meant) => PathSuggestion.Of(path).Should().Be(meant);

    [Fact]
    public void Path_VeryLong_IsNotLookedAt() => PathSuggestion.Of("/" + new string('x', 2000) + "/chat/completions").Should().BeNull();
}
