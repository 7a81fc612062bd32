using Microsoft.Extensions.Configuration;
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
    [InlineData("GET /api/v1/accounts?token=mgt-vZLAhzATU9EiRnYoHIUoGZRvmwWH", "vZLAhzATU9EiRnYoHIUoGZRvmwWH")]
    [InlineData("calling http://user:p%40ss-word@proxy.corp:3128/ failed", "p%40ss-word")]
    [InlineData("socks5://user:two@signs@proxy.corp", "two@signs")]
    [InlineData("https://token-alone@api.example.com/v1", "token-alone")]
    [InlineData("whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH", "5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH")]
    public void Credential_OfAnyShape_IsGone(string line, string secret) =>
        _redactor.Redact(line).Should().NotContain(secret).And.Contain("[REDACTED ");

    [Theory]
    [InlineData("Call 019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2c of account 019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2d: deepseek:deepseek-chat Completed")]
    [InlineData("Bootstrap:AdminToken is not set; set it to a secret of 16 characters")]
    [InlineData("https://api.example.com/v1/@scope/model and mail to a@example.com")]
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

    [Fact]
    public void Settings_ThatThePageCallsSecret_AreAllKnown()
    {
        var secret = SourceTree.Read("docs/configuration.md").Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Trim('|', ' ').Split('|')).Where(static cells => cells[2].Contains("secret", StringComparison.Ordinal)).Select(static cells => cells[0].Trim(' ', '`'));

        secret.Where(static name => !name.StartsWith("Providers:", StringComparison.Ordinal)).Should().BeEquivalentTo(SecretSettings.Names);
    }

    [Theory]
    [InlineData("Smtp:Password", "mail word", "mail word")]
    [InlineData("ConnectionStrings:Postgres", "Host=db;Password='its own; word'", "its own; word")]
    [InlineData("ConnectionStrings:Postgres", "Host=db;Pwd=another", "another")]
    [InlineData("ConnectionStrings:Redis", "redis:6379,password=of-redis,ssl=true", "of-redis")]
    public void Secret_OfASetting_IsFoundWhereverItStands(string name, string value, string secret) =>
        SecretSettings.ValuesOf(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build()).Should().Equal(secret);

    [Theory]
    [InlineData("ConnectionStrings:Postgres", "Host=db")]
    [InlineData("ConnectionStrings:Redis", "redis:6379")]
    [InlineData("Smtp:Password", "")]
    public void Setting_WithoutASecret_GivesNone(string name, string value) =>
        SecretSettings.ValuesOf(new ConfigurationBuilder().AddInMemoryCollection([new(name, value)]).Build()).Should().BeEmpty();
}
