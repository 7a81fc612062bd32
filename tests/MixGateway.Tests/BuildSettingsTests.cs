using System.Xml.Linq;
using MixGateway.Forwarding;

namespace MixGateway.Tests;

/// <summary>A clone builds the same way tomorrow, with a newer SDK and with advisories that are not published yet.</summary>
public sealed class BuildSettingsTests
{
    private static readonly XElement Settings = XDocument.Parse(SourceTree.Read("Directory.Build.props")).Root!;

    [Theory]
    [InlineData("AnalysisLevel")]
    [InlineData("LangVersion")]
    public void Level_OfRulesAndLanguage_IsPinned(string setting) => Settings.Descendants(setting).Single().Value.Should().MatchRegex(@"^\d+\.\d");

    /// <summary>The HTTP client would raise the windows to 16 MiB a stream, outside of the budget for buffers.</summary>
    [Fact]
    public void Windows_OfHttp2ToProviders_AreFixedAndDocumented()
    {
        XDocument.Parse(SourceTree.Read("src/MixGateway/MixGateway.csproj")).Descendants("RuntimeHostConfigurationOption")
            .Single(static option => option.Attribute("Include")!.Value == "System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing").Attribute("Value")!.Value.Should().Be("true");
        SourceTree.Read("docs/networks.md").Should().Contain($"{UpstreamClientFactory.Http2Window / 1024} KiB of each answer");
    }

    [Fact]
    public void Advisory_InAnOrdinaryBuild_IsNoError()
    {
        var allowed = Settings.Descendants("WarningsNotAsErrors").Single();

        allowed.Value.Split(';').Should().Contain(["NU1901", "NU1902", "NU1903", "NU1904"]);
        allowed.Attribute("Condition")!.Value.Should().Be("'$(AuditFails)' != 'true'");
        SourceTree.Read(".ci/audit").Should().Contain("-p:AuditFails=true");
    }
}
