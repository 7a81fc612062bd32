using System.Reflection;
using System.Text.RegularExpressions;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed partial class ScriptTests
{
    /// <summary>What hangs, differs or rounds on one of the two servers.</summary>
    private static readonly string[] Banned =
        ["SCAN", "'KEYS'", "HINCRBYFLOAT", "INCRBYFLOAT", "XADD", "MULTI", "tostring(", "pcall(", "status_reply", "math.random", "'HINCRBY'"];

    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (var script in All())
            {
                names.Add(script.Name);
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Script_EveryCommand_NamesADeclaredKey(string name)
    {
        var text = WithoutComments(name);
        var commands = Command().Matches(text);
        commands.Should().HaveCount(Call().Count(text), "every command is written out, with its key");
        commands.Should().NotBeEmpty();
        foreach (Match command in commands)
        {
            if (command.Groups["name"].Value == "TIME")
            {
                continue;
            }

            command.Groups["key"].Value.Should().MatchRegex(@"^KEYS\[[123]\]$", "{0} in {1}", command.Value, name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Script_Text_UsesNothingThatTheServersDisagreeOn(string name)
    {
        var text = WithoutComments(name);
        foreach (var word in Banned)
        {
            text.Should().NotContain(word);
        }
    }

    [Fact]
    public void Scripts_Embedded_AreAllKnown()
    {
        var embedded = typeof(Script).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("Quotas/", StringComparison.Ordinal) && !n.StartsWith("Quotas/_", StringComparison.Ordinal));
        All().Select(s => $"Quotas/{s.Name}.lua").Should().BeEquivalentTo(embedded);
    }

    [Fact]
    public void Script_WithIncludes_HoldsThemOnce()
    {
        Script.Admit.Text.Should().Contain("local function split(").And.NotContain("-- include:");
        Script.Admit.Hash.Should().HaveCount(20);
        All().Select(s => Convert.ToHexString(s.Hash)).Should().OnlyHaveUniqueItems();
    }

    private static IEnumerable<Script> All() =>
        typeof(Script).GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == typeof(Script)).Select(p => (Script)p.GetValue(null)!);

    private static string WithoutComments(string name) => Comment().Replace(All().Single(s => s.Name == name).Text, "");

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"redis\.p?call")]
    private static partial Regex Call();

    [GeneratedRegex(@"redis\.call\('(?<name>[A-Z]+)'(?:, (?<key>[^,)]+))?")]
    private static partial Regex Command();
}
