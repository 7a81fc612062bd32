using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using MixGateway.Routing;

namespace MixGateway.Tests.Routing;

public sealed class ModelPatternsTests
{
    [Fact]
    public void Allows_NoList_AllowsAll()
    {
        ModelPatterns.Parse(null).Allows("openai:gpt-5").Should().BeTrue();
        ModelPatterns.Parse([]).Allows("openai:gpt-5").Should().BeTrue();
        ModelPatterns.Parse([]).AllowsAll.Should().BeTrue();
        ModelPatterns.Parse(["*"]).AllowsAll.Should().BeFalse();
    }

    [Theory]
    [InlineData("openai:gpt-5", "openai:gpt-5", true)]
    [InlineData("openai:gpt-5", "openai:gpt-5-mini", false)]
    [InlineData("openai:gpt-5", "OpenAI:gpt-5", false)]
    [InlineData("openai:*", "openai:gpt-5", true)]
    [InlineData("openai:*", "openai:", true)]
    [InlineData("openai:*", "xopenai:gpt-5", false)]
    [InlineData("*", "openai:gpt-5", true)]
    [InlineData("*:free", "router:a/b:free", true)]
    [InlineData("*:free", "router:a/b:free2", false)]
    [InlineData("*gpt*mini*", "openai:gpt-5-mini-2026", true)]
    [InlineData("*mini*gpt*", "openai:gpt-5-mini-2026", false)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("a**a", "a:a", true)]
    [InlineData("ab*b", "ab", false)]
    [InlineData("a*bc*c", "abc", false)]
    [InlineData("", "openai:gpt-5", false)]
    [InlineData("openai.gpt?5", "openai:gpt-5", false)]
    public void Allows_OnePattern_MatchesStarsAndNothingElse(string pattern, string name, bool allowed)
        => ModelPatterns.Parse([pattern]).Allows(name).Should().Be(allowed);

    [Fact]
    public void Allows_SeveralPatterns_OneIsEnough()
    {
        var patterns = ModelPatterns.Parse(["deepseek:*", "openai:gpt-5"]);

        patterns.Allows("openai:gpt-5").Should().BeTrue();
        patterns.Allows("deepseek:x").Should().BeTrue();
        patterns.Allows("openai:gpt-6").Should().BeFalse();
    }

    [Property(MaxTest = 2000)]
    public Property Allows_AnyPattern_AgreesWithARegularExpression()
    {
        var pattern = Gen.ArrayOf(Gen.Elements('a', 'b', '*')).Where(text => text.Length < 10).Select(text => new string(text));
        var name = Gen.ArrayOf(Gen.Elements('a', 'b')).Where(text => text.Length < 14).Select(text => new string(text));
        return Prop.ForAll(pattern.ToArbitrary(), name.ToArbitrary(), (p, n) =>
            ModelPatterns.Parse([p]).Allows(n)
            == Regex.IsMatch(n, $@"\A{Regex.Escape(p).Replace(@"\*", ".*", StringComparison.Ordinal)}\z"));
    }

    [Fact]
    public void Allows_PatternMadeToBacktrack_IsDecidedAtOnce()
    {
        // A matcher that tries again at every star would need more steps here than there is time.
        var patterns = ModelPatterns.Parse([string.Concat(Enumerable.Repeat("*a", 100)) + "*b"]);

        patterns.Allows(new string('a', 1000)).Should().BeFalse();
    }
}
