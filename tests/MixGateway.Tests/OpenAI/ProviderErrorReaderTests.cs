using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class ProviderErrorReaderTests
{
    [Theory]
    [InlineData("""{"error":{"message":"bad","type":"t","param":"p","code":"c"}}""", "bad", "t", "p", "c")]
    [InlineData("""{"error":{"message":"bad","type":null,"param":null,"code":null}}""", "bad", null, null, null)]
    [InlineData("""{"error":{"code":400,"message":"b\u00e4d","status":"INVALID_ARGUMENT"}}""", "bäd", null, null, "400")]
    [InlineData("""[{"error":{"code":400,"message":"bad"}}]""", "bad", null, null, "400")]
    [InlineData("""{"error":"bad"}""", "bad", null, null, null)]
    [InlineData("""{"message":"bad","code":"c"}""", "bad", null, null, "c")]
    [InlineData("""{"object":"error","message":"bad","type":"t","param":null,"code":400}""", "bad", "t", null, "400")]
    [InlineData("""{"detail":"bad"}""", "bad", null, null, null)]
    [InlineData("""{"detail":[{"loc":["body"],"msg":"bad","type":"missing"},{"msg":"second"}]}""", "bad", "missing", null, null)]
    [InlineData("""{"detail":{"message":"bad"}}""", "bad", null, null, null)]
    [InlineData("""{"errors":[{"message":"bad"}]}""", "bad", null, null, null)]
    [InlineData("""{"error":{"message":"bad","type":"t""", "bad", null, null, null)]
    [InlineData("\uFEFF{\"error\":{\"message\":\"b\\ud800d\"}}", "b\uFFFDd", null, null, null)]
    public void TryRead_ErrorBodiesOfTheField_AreUnderstood(string body, string? message, string? type, string? param, string? code)
    {
        ProviderErrorReader.TryRead(Encoding.UTF8.GetBytes(body), out var error).Should().BeTrue();

        (error! with { Reason = null }).Should().Be(new ProviderError(message, type, param, code));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>502 Bad Gateway</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[[[[{\"message\":\"x\"}]]]]")]
    [InlineData("null")]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"error":{"message":["x"]}}""")]
    [InlineData("""{"error":{"param":"x"}}""")]
    [InlineData("""{"error":[[[[[{"message":"x"}]]]]]}""")]
    public void TryRead_NothingSaid_IsFalse(string body)
    {
        ProviderErrorReader.TryRead(Encoding.UTF8.GetBytes(body), out var error).Should().BeFalse();

        error.Should().BeNull();
    }

    [Fact]
    public void TryRead_VeryLongMessage_IsBounded()
    {
        ProviderErrorReader.TryRead(Encoding.UTF8.GetBytes($$"""{"error":"{{new string('x', 1_000_000)}}"}"""), out var error);

        error!.Message!.Length.Should().BeLessThan(20_000);
    }
}
