using System.Text.Json;
using System.Text.RegularExpressions;

namespace MixGateway.Tests.Console;

/// <summary>Every text of the console is there in both languages, and none is there that nobody shows.</summary>
public sealed partial class TextsTests
{
    private const string Folder = "src/MixGateway/Console";

    private static readonly string[] Paths =
    [
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, Folder), "*Texts.json", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(SourceTree.Root, file)),
    ];

    /// <summary>Markup and code of the console.</summary>
    private static readonly string Source = string.Concat(
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, Folder), "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetExtension(file) is ".razor" or ".cs").Select(File.ReadAllText));

    private static readonly HashSet<string> Literals = [.. Literal().Matches(Source).Select(static match => match.Groups[1].Value)];

    /// <summary>The beginnings of keys that are put together: <c>Status.</c> of <c>T[$"Status.{x}"]</c>.</summary>
    private static readonly string[] Prefixes = [.. Interpolated().Matches(Source).Select(static match => match.Groups[1].Value).Where(static prefix => prefix.EndsWith('.')).Distinct()];

    public static TheoryData<string> Files => [.. Paths];

    [Theory]
    [MemberData(nameof(Files))]
    public void Text_InEitherLanguage_IsThereWithTheSamePlaces(string file)
    {
        foreach (var (key, words) in Read(file))
        {
            words.Should().HaveCount(2, "{0} is in English and Chinese", key).And.OnlyContain(static text => text.Trim().Length > 0);
            Places(words[0]).Should().Equal(Places(words[1]), "{0} has the same places in both languages", key);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Text_InAFile_IsUsed(string file) =>
        Read(file).Keys.Where(static key => !Literals.Contains(key) && !Prefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal))).Should().BeEmpty();

    [Fact]
    public void Text_ThatAPageShows_IsInAFile()
    {
        var all = Paths.SelectMany(static file => Read(file).Keys).ToHashSet();

        Used().Matches(Source).Select(static match => match.Groups[1].Value).Where(key => !all.Contains(key)).Should().BeEmpty();
    }

    private static Dictionary<string, string[]> Read(string file) => JsonSerializer.Deserialize<Dictionary<string, string[]>>(SourceTree.Read(file))!;

    private static IEnumerable<string> Places(string text) => Place().Matches(text).Select(static match => match.Value).Order().Distinct();

    [GeneratedRegex("\"([A-Za-z0-9.]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("""\$"([A-Za-z0-9.]+)\{""")]
    private static partial Regex Interpolated();

    [GeneratedRegex("""\b(?:T|Shared|texts|SignInWords)\["([A-Za-z0-9.]+)"[\],]""")]
    private static partial Regex Used();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();
}
