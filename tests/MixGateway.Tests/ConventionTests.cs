using System.Text.RegularExpressions;

namespace MixGateway.Tests;

/// <summary>The walls between the folders, and the habits that a reader counts on.</summary>
public sealed partial class ConventionTests
{
    private const string Gateway = "src/MixGateway/";
    private const int LongestFile = 400;

    private static readonly string[] TopLevel =
    [
        "MixGateway.sln", "src", "tests", "deploy", "docs", "docker-compose.yml", "Directory.Build.props", "Directory.Packages.props",
        "global.json", "README.md", "README.zh-CN.md", "LICENSE",
    ];

    /// <summary>What the ignore file keeps out of the repository.</summary>
    private static readonly string[] Ignored = ["artifacts", "bin", "obj", "data", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>Sums that depend on their arguments alone.</summary>
    private static readonly string[] PureBilling = ["Money.cs", "MoneyJsonConverter.cs", "DecimalText.cs", "Price.cs", "CostCalculator.cs"];

    [Fact]
    public void Yarp_OutsideForwarding_IsNotSeen() => Users(@"\bYarp\.[A-Z]").Should().BeSubsetOf(["Forwarding"]);

    [Fact]
    public void RedisClient_OutsideQuotasAndUsage_IsNotSeen() => Users(@"\bStackExchange\.Redis\b").Should().BeSubsetOf(["Quotas", "Usage"]);

    [Fact]
    public void EmbeddedRedis_OutsideQuotas_IsNotSeen() => Users(@"\busing (Garnet|Tsavorite)\b").Should().BeSubsetOf(["Quotas"]);

    [Fact]
    public void EntityFramework_OutsideTheFoldersWithData_IsNotSeen() =>
        Users(@"\bMicrosoft\.EntityFrameworkCore\b").Should().BeSubsetOf(["Storage", "Usage", "Billing", "Administration"]);

    [Fact]
    public void OpenAI_OfTheRestOfTheGateway_SeesNothing()
    {
        var others = string.Join('|', Features().Except(["OpenAI"]));

        Offenders(Gateway + "OpenAI/", $@"\bMixGateway\.(?!OpenAI\b)[A-Z]|(?<![\w.])({others})\.[A-Z]").Should().BeEmpty();
    }

    [Fact]
    public void PureBilling_OfTheRestOfTheGateway_SeesOnlyTokenCounts()
    {
        var files = PureBilling.Select(static file => $"{Gateway}Billing/{file}").ToArray();
        files.Should().BeSubsetOf(SourceTree.Files);

        files.Where(static file => Regex.IsMatch(CodeOf(file), @"\busing (?!System\b|MixGateway\.OpenAI;)|\bMixGateway\.(?!Billing\b|OpenAI;)")).Should().BeEmpty();
        files.Where(static file => CodeOf(file).Contains("using MixGateway.OpenAI;", StringComparison.Ordinal))
            .Should().OnlyContain(static file => Regex.IsMatch(CodeOf(file), @"\b(TokenUsage|QuantityKinds)\b"));
    }

    [Fact]
    public void Console_FromAnyOtherFolder_IsNotSeen() => Users(@"\bMixGateway\.Console\b").Should().BeSubsetOf(["Console", ""]);

    [Fact]
    public void Namespace_OfEveryFile_IsItsFolder() =>
        SourceTree.Files.Where(static file => NamespaceLine().Match(SourceTree.Read(file)).Groups[1].Value != ExpectedNamespace(file)).Should().BeEmpty();

    [Fact]
    public void File_OfAnyProject_IsShortEnoughToRead() =>
        SourceTree.Files.Where(static file => SourceTree.Read(file).AsSpan().Count('\n') > LongestFile).Should().BeEmpty($"a file has at most {LongestFile} lines");

    [Fact]
    public void TopLevel_OfTheRepository_HoldsOnlyWhatBelongsThere() =>
        Directory.EnumerateFileSystemEntries(SourceTree.Root).Select(static path => Path.GetFileName(path))
            .Where(static name => !name.StartsWith('.')).Except(Ignored).Should().BeSubsetOf(TopLevel);

    [Fact]
    public void UnitTests_FolderByFolder_MirrorTheSource()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "tests/MixGateway.Tests")).Select(static path => Path.GetFileName(path));

        folders.Except(Ignored).Should().BeSubsetOf([.. Features(), "Simulator"]);
    }

    /// <summary>The folders of the gateway in which a pattern occurs in code.</summary>
    private static string[] Users(string pattern) => [.. Offenders(Gateway, pattern).Select(SourceTree.FeatureOf).Distinct()];

    private static string[] Offenders(string under, string pattern) =>
        [.. SourceTree.Files.Where(file => file.StartsWith(under, StringComparison.Ordinal) && Regex.IsMatch(CodeOf(file), pattern))];

    /// <summary>A file without comments, texts and its own namespace line: a wall is about code.</summary>
    private static string CodeOf(string file) => NamespaceLine().Replace(CommentsAndTexts().Replace(SourceTree.Read(file), ""), "");

    private static IEnumerable<string> Features() =>
        SourceTree.Files.Where(static file => file.StartsWith(Gateway, StringComparison.Ordinal)).Select(SourceTree.FeatureOf).Where(static name => name.Length > 0).Distinct();

    private static string ExpectedNamespace(string file)
    {
        var folders = file.Split('/')[1..^1];
        return string.Join('.', folders);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(\\.|[^"\\\n])*" """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndTexts();
}
