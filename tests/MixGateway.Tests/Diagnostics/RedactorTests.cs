using MixGateway.Diagnostics;

namespace MixGateway.Tests.Diagnostics;

public sealed class RedactorTests
{
    private readonly Redactor _redactor = new();

    [Theory]
    [InlineData("the key sk-abcdefgh12345678 is wrong", "the key [REDACTED 19 a31b6b5b] is wrong")]
    public void Value_ShapedLikeAKey_IsReplacedByItsLengthAndHash(string line, string pattern) =>
        _redactor.Redact(line).Should().MatchRegex(System.Text.RegularExpressions.Regex.Replace(System.Text.RegularExpressions.Regex.Escape(pattern), "a31b6b5b", "[0-9a-f]{8}"));

    [Theory]
    [InlineData("Authorization: Bearer abcdefghij", "abcdefghij")]
    [InlineData("{\"@x\":\"sent \\\"api_key\\\": \\\"12345678ab\\\"\"}", "12345678ab")]
    [InlineData("Host=db;Password=s3cret-word;Database=x", "s3cret-word")]
    [InlineData("token eyJhbGciOiJIUzI1NiJ9.e30.abc", "eyJhbGciOiJIUzI1NiJ9")]
    [InlineData("gsk_1234567890abcdef", "1234567890abcdef")]
    public void Credential_OfAnyShape_IsGone(string line, string secret) =>
        _redactor.Redact(line).Should().NotContain(secret).And.Contain("[REDACTED ");

    [Theory]
    [InlineData("Call 019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2c of account 019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2d: deepseek:deepseek-chat Completed")]
    [InlineData("Bootstrap:AdminToken is not set; set it to a secret of 16 characters")]
    [InlineData("task-force risk-averse hf_hub")]
    [InlineData("")]
    public void Line_WithoutACredential_StaysAsItIs(string line) => _redactor.Redact(line).Should().Be(line);

    [Fact]
    public void Credential_ThatIsTheSame_HasTheSameMarkAndAnotherOneAnother()
    {
        var first = _redactor.Redact("sk-aaaaaaaaaaaaaaa1");

        _redactor.Redact("sk-aaaaaaaaaaaaaaa1").Should().Be(first);
        _redactor.Redact("sk-aaaaaaaaaaaaaaa2").Should().NotBe(first);
    }
}
