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
        "global.json", "README.md", "CHANGELOG.md", "README.zh-CN.md", "LICENSE",
    ];

    /// <summary>What the ignore file keeps out of the repository.</summary>
    private static readonly string[] Ignored = ["artifacts", "bin", "obj", "data", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>Sums that depend on their arguments alone.</summary>
    private static readonly string[] PureBilling = ["Money.cs", "MoneyJsonConverter.cs", "DecimalText.cs", "Price.cs", "CostCalculator.cs"];

    private const string Yarp = @"\bYarp\.[A-Z]";
    private const string RedisClient = @"\bStackExchange\.Redis\b";
    private const string EmbeddedRedis = @"(?<![\w.])(Garnet|Tsavorite)(\.\w|;)|\bGarnetServer\b";
    private const string EntityFramework = @"\bMicrosoft\.EntityFrameworkCore\b";

    /// <summary>Also as a part of the gateway's own name, which needs no using inside of it.</summary>
    private const string Console = @"\bMixGateway\.Console\b|(?<![\w.@])Console\.[A-Z]\w+";

    /// <summary>Each wall, with those who may see what is behind it. All of them do, so a pattern that finds nothing is found out.</summary>
    public static TheoryData<string, string[]> Walls => new()
    {
        { Yarp, ["Forwarding"] },
        { RedisClient, ["Quotas"] },
        { EmbeddedRedis, ["Quotas"] },
        { EntityFramework, ["Storage", "Usage", "Billing", "Administration"] },
        { Console, ["Console", ""] },
    };

    [Theory]
    [MemberData(nameof(Walls))]
    public void Wall_AroundALibraryOrFolder_IsCrossedOnlyWhereItMayBe(string pattern, string[] users) => Users(pattern).Should().BeEquivalentTo(users);

    [Theory]
    [InlineData(Yarp, "using Yarp.ReverseProxy.Model;")]
    [InlineData(Yarp, "global::Yarp.ReverseProxy.Forwarder.ForwarderError error;")]
    [InlineData(Yarp, "@using Yarp.ReverseProxy")]
    [InlineData(RedisClient, "using RedisValue = StackExchange.Redis.RedisValue;")]
    [InlineData(EmbeddedRedis, "using Garnet;")]
    [InlineData(EmbeddedRedis, "var server = new Garnet.GarnetServer([]);")]
    [InlineData(EmbeddedRedis, "@using Tsavorite.core")]
    [InlineData(EntityFramework, "using static Microsoft.EntityFrameworkCore.EF;")]
    [InlineData(EntityFramework, "@inject Microsoft.EntityFrameworkCore.IDbContextFactory<X> Databases")]
    [InlineData(Console, "using MixGateway.Console.Ui;")]
    [InlineData(Console, "var root = Console.ConsolePaths.Root;")]
    public void Wall_WhereItIsCrossed_IsSeen(string pattern, string code) => Regex.IsMatch(WithoutCommentsAndTexts(code), pattern).Should().BeTrue();

    [Theory]
    [InlineData("// using Yarp.ReverseProxy;")]
    [InlineData("/* Yarp.ReverseProxy */")]
    [InlineData("var text = \"Yarp.ReverseProxy\";")]
    [InlineData("@* Yarp.ReverseProxy *@")]
    public void Wall_InCommentsAndTexts_IsNotCrossed(string code) => Regex.IsMatch(WithoutCommentsAndTexts(code), Yarp).Should().BeFalse();

    [Fact]
    public void OpenAI_OfTheRestOfTheGateway_SeesNothing()
    {
        Offenders(Gateway + "OpenAI/", RestOfTheGateway()).Should().BeEmpty();
        Offenders(Gateway + "Forwarding/", RestOfTheGateway()).Should().NotBeEmpty("the same look finds those who do");
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
        [.. SourceTree.Code.Where(file => file.StartsWith(under, StringComparison.Ordinal) && Regex.IsMatch(CodeOf(file), pattern))];

    private static string RestOfTheGateway()
    {
        var others = string.Join('|', Features().Except(["OpenAI"]));
        return $@"\bMixGateway\.(?!OpenAI\b)[A-Z]|(?<![\w.])({others})\.[A-Z]";
    }

    /// <summary>A file without comments, texts and its own namespace line: a wall is about code.</summary>
    private static string CodeOf(string file) => NamespaceLine().Replace(WithoutCommentsAndTexts(SourceTree.Read(file)), "");

    private static string WithoutCommentsAndTexts(string code) => CommentsAndTexts().Replace(code, "");

    private static IEnumerable<string> Features() =>
        SourceTree.Files.Where(static file => file.StartsWith(Gateway, StringComparison.Ordinal)).Select(SourceTree.FeatureOf).Where(static name => name.Length > 0).Distinct();

    private static string ExpectedNamespace(string file)
    {
        var folders = file.Split('/')[1..^1];
        return string.Join('.', folders);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|@\*.*?\*@|"(\\.|[^"\\\n])*" """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndTexts();
}
