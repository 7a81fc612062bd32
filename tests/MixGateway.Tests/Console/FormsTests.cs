using System.Text.RegularExpressions;

namespace MixGateway.Tests.Console;

/// <summary>The forms in the pages' code: each carries what makes it count once.</summary>
public sealed partial class FormsTests
{
    private const string Tokens = "src/MixGateway/Console/Ui/FormTokens.razor";

    private static readonly string[] Pages = [.. SourceTree.Code.Where(static file => file.EndsWith(".razor", StringComparison.Ordinal))];

    [Fact]
    public void Form_ThatPosts_CarriesItsTokens()
    {
        var forms = Pages.SelectMany(static page => Form().Matches(SourceTree.Read(page)).Select(match => (Page: page, Html: match.Value))).ToArray();

        forms.Should().HaveCountGreaterThan(40);
        // Language and theme may be set as often as one likes, and are set on a page that is the same for everybody.
        forms.Where(static form => !form.Html.Contains("PreferenceEndpoints.Language", StringComparison.Ordinal) && !form.Html.Contains("PreferenceEndpoints.Theme", StringComparison.Ordinal))
            .Where(static form => Regex.Count(form.Html, "<FormTokens />") != 1).Select(static form => form.Page).Should().BeEmpty();
    }

    [Fact]
    public void AntiforgeryToken_WithoutTheFormsId_IsInNoPage() =>
        Pages.Where(static page => SourceTree.Read(page).Contains("<AntiforgeryToken", StringComparison.Ordinal)).Should().Equal(Tokens);

    [Fact]
    public void Page_OfTheConsole_HasNoConnection() =>
        SourceTree.Code.Where(static file => Regex.IsMatch(SourceTree.Read(file), @"@rendermode|InteractiveServer|AddInteractive\w+\(")).Should().BeEmpty();

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();
}
