using System.Text.RegularExpressions;

namespace MixGateway.Tests;

/// <summary>A reader who follows a link arrives.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Link_FromOnePageToAnother_LeadsToAPageAndAHeading()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(SourceTree.Root, "README*.md"));

        pages.SelectMany(static page => Link().Matches(File.ReadAllText(page)).Select(match => (Page: page, Target: match.Groups[1].Value, Heading: match.Groups[2].Value)))
            .Where(static link => !Exists(Path.Combine(Path.GetDirectoryName(link.Page)!, link.Target), link.Heading))
            .Select(static link => $"{Path.GetFileName(link.Page)}: {link.Target}#{link.Heading}").Should().BeEmpty();
    }

    private static bool Exists(string target, string heading) =>
        Path.Exists(target) && (heading.Length == 0 || Heading().Matches(File.ReadAllText(target)).Any(match => Anchor(match.Groups[1].Value) == heading));

    /// <summary>As the usual hosts make it from a heading.</summary>
    private static string Anchor(string heading) => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
