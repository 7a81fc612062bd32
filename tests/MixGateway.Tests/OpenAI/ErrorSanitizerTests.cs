using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class ErrorSanitizerTests
{
    private const string Secret = "plain-secret";

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abc_DEF123-xyz.", "sk-proj")]
    [InlineData("Incorrect API key provided: sk-ab******yz.", "sk-ab")]
    [InlineData("key sk-ant-x1y2z3w4v5 is no good", "x1y2")]
    [InlineData("sent Authorization: Bearer abcdefgh", "abcdefgh")]
    [InlineData("sent authorization: bearer  a/b+c=d~e", "a/b+c")]
    [InlineData("the secret plain-secret leaked", Secret)]
    [InlineData("API key AIzaSyD-abc_def0123456789 not valid", "AIza")]
    [InlineData("AKIAIOSFODNN7EXAMPLE is unknown", "AKIA")]
    [InlineData("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "eyJ")]
    [InlineData("key 0123456789abcdef0123456789abcdef is wrong", "0123456789abcdef")]
    [InlineData("key 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is wrong", "3f2504e0")]
    [InlineData("bad \"api_key\": \"abc12345\" in the request", "abc12345")]
    [InlineData("key Zm9vYmFyYmF6cXV4Zm9vYmFy12==", "Zm9v")]
    public void Clean_AnythingLikeACredential_IsRemoved(string message, string mustNotStay)
    {
        var clean = ErrorSanitizer.Clean(message, Secret, "m", "p:m");

        clean.Should().NotContain(mustNotStay).And.Contain("[REDACTED]");
    }

    [Theory]
    [InlineData("Unsupported value: 'max_completion_tokens' must be at most 8192 for response_format json_schema.")]
    [InlineData("This model's maximum context length is 131072 tokens. However, you requested 140000 tokens.")]
    [InlineData("The model meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo needs 'messages.0.content'.")]
    [InlineData("Invalid parameter: tools[0].function.name, expected ^[a-zA-Z0-9_-]+$")]
    [InlineData("消息内容不能为空")]
    [InlineData("The key api_version_2 is unknown: token_limit_exceeded. Basic authentication is not supported, API key: please check.")]
    public void Clean_OrdinaryMessage_StaysAsItIs(string message) =>
        ErrorSanitizer.Clean(message, Secret, "o1", "openai:o1").Should().Be(message);

    [Theory]
    [InlineData("The model `o1` does not exist", "The model `openai:o1` does not exist")]
    [InlineData("o1: no such model o1.", "openai:o1: no such model openai:o1.")]
    [InlineData("try o1-mini, o1.5, x/o1 or o1:free", "try o1-mini, o1.5, x/o1 or o1:free")]
    [InlineData("openai:o1 is busy", "openai:o1 is busy")]
    public void Clean_ProvidersModelId_GetsTheCallersName(string message, string expected) =>
        ErrorSanitizer.Clean(message, null, "o1", "openai:o1").Should().Be(expected);

    [Fact]
    public void Clean_LongMessage_IsCut() =>
        ErrorSanitizer.Clean(new string(' ', 1_000_000), null, "m", "p:m").Length.Should().Be(ErrorSanitizer.MaxMessageLength + 1);

    [Fact]
    public void Clean_Error_CleansEachField()
    {
        var clean = ErrorSanitizer.Clean(new ProviderError("m failed", "bad_type", "sk-abcdefghij", ""), null, "m", "p:m");

        clean.Should().Be(new ProviderError("p:m failed", "bad_type", "[REDACTED]", null));
    }

    [Fact]
    public void Clean_HostileMessage_TakesNoLongTime()
    {
        var hostile = string.Concat(Enumerable.Repeat("Bearer sk-sk-sk_key-eyJeyJAAAA____====", 10_000));

        ErrorSanitizer.Clean(hostile, "sk-sk-", "Bearer", "Bearer Bearer").Should().NotContain("sk-");
    }
}
