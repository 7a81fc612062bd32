using System.Xml.Linq;

namespace MixGateway.Tests;

/// <summary>A clone builds the same way tomorrow, with a newer SDK and with advisories that are not published yet.</summary>
public sealed class BuildSettingsTests
{
    private static readonly XElement Settings = XDocument.Parse(SourceTree.Read("Directory.Build.props")).Root!;

    [Theory]
    [InlineData("AnalysisLevel")]
    [InlineData("LangVersion")]
    public void Level_OfRulesAndLanguage_IsPinned(string setting) => Settings.Descendants(setting).Single().Value.Should().MatchRegex(@"^\d+\.\d");

    [Fact]
    public void Advisory_InAnOrdinaryBuild_IsNoError()
    {
        var allowed = Settings.Descendants("WarningsNotAsErrors").Single();

        allowed.Value.Split(';').Should().Contain(["NU1901", "NU1902", "NU1903", "NU1904"]);
        allowed.Attribute("Condition")!.Value.Should().Be("'$(AuditFails)' != 'true'");
        SourceTree.Read(".ci/audit").Should().Contain("-p:AuditFails=true");
    }
}
