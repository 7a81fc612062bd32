using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using MixGateway.Catalog;
using MixGateway.Diagnostics;

namespace MixGateway.Tests;

/// <summary>What the front pages say is so.</summary>
public sealed partial class ReadmeTests
{
    private const string English = "README.md";
    private const string Chinese = "README.zh-CN.md";

    [Theory]
    [InlineData(English)]
    [InlineData(Chinese)]
    public void Configuration_ShownAsAnExample_IsValid(string page)
    {
        var example = Blocks(page).Single(static block => block.Language == "json").Text;
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(example))).Build();

        var reading = CatalogReader.Read(configuration, [], revision: 1);

        reading.Errors.Should().BeEmpty();
        reading.Snapshot!.Providers.Should().HaveCount(3);
    }

    [Theory]
    [InlineData(English)]
    [InlineData(Chinese)]
    public void Setting_InTheTable_IsOneThatTheGatewayReads(string page)
    {
        var settings = FirstColumn(page).Where(static name => SettingName().IsMatch(name)).ToArray();

        settings.Should().HaveCountGreaterThan(15).And.BeSubsetOf(KnownSettings.All);
    }

    [Theory]
    [InlineData(English)]
    [InlineData(Chinese)]
    public void Folder_OnTheMap_Exists(string page)
    {
        var folders = FirstColumn(page).Where(static name => name.Contains('/', StringComparison.Ordinal)).ToArray();

        folders.Should().NotBeEmpty();
        folders.Where(static folder => !Directory.Exists(Path.Combine(SourceTree.Root, folder))).Should().BeEmpty();
    }

    [Fact]
    public void Folder_OfTheGateway_IsOnTheMap() =>
        SourceTree.Files.Where(static file => file.StartsWith("src/MixGateway/", StringComparison.Ordinal)).Select(SourceTree.FeatureOf).Where(static name => name.Length > 0)
            .Distinct().Select(static name => $"src/MixGateway/{name}").Should().BeSubsetOf(FirstColumn(English));

    [Fact]
    public void Pages_InBothLanguages_ShowTheSameCommandsSettingsAndFolders()
    {
        Blocks(Chinese).Should().Equal(Blocks(English));
        Codes(Chinese).Should().BeEquivalentTo(Codes(English));
    }

    /// <summary>The fenced blocks, in order.</summary>
    private static (string Language, string Text)[] Blocks(string page) =>
        [.. Block().Matches(SourceTree.Read(page)).Select(static match => (match.Groups[1].Value, match.Groups[2].Value))];

    /// <summary>The names in the first column of any table.</summary>
    private static string[] FirstColumn(string page) =>
        [.. SourceTree.Read(page).Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).SelectMany(static line => Code().Matches(line.Split('|')[1])).Select(static match => match.Groups[1].Value)];

    /// <summary>Every name in a table.</summary>
    private static string[] Codes(string page) =>
        [.. SourceTree.Read(page).Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).SelectMany(static line => Code().Matches(line)).Select(static match => match.Groups[1].Value)];

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>A name in two parts or more; lines about HTTP and JSON have other characters.</summary>
    [GeneratedRegex(@"^[A-Z]\w+(:\w+)+$")]
    private static partial Regex SettingName();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
