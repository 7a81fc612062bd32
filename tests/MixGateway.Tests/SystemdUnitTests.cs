using Microsoft.Extensions.Configuration;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.Hosting;

namespace MixGateway.Tests;

/// <summary>The systemd unit starts what the documents say, with settings that exist and with the time that a stop takes.</summary>
public sealed class SystemdUnitTests
{
    private const string Unit = "deploy/systemd/mixgateway.service";

    private static readonly (string Key, string Value)[] Lines =
    [
        .. SourceTree.Read(Unit).Split('\n').Where(static line => line.Contains('=') && !line.StartsWith('#')).Select(static line => (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..])),
    ];

    private static IEnumerable<KeyValuePair<string, string?>> Environment =>
        Values("Environment").Select(static text => KeyValuePair.Create(text.Split('=')[0].Replace("__", ":", StringComparison.Ordinal), (string?)text[(text.IndexOf('=') + 1)..]));

    [Fact]
    public void Settings_OfTheUnit_AreOnesThatTheGatewayReads() =>
        Environment.Select(static setting => setting.Key).Where(static name => !name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) && !name.StartsWith("DOTNET_", StringComparison.Ordinal))
            .Should().HaveCountGreaterThan(2).And.BeSubsetOf(KnownSettings.All);

    [Fact]
    public void Stop_HasTheTimeItTakes()
    {
        List<string> mistakes = [];
        var times = ShutdownTimes.Read(new ConfigurationBuilder().AddInMemoryCollection(Environment).Build(), mistakes);

        mistakes.Should().BeEmpty();
        TimeSpan.FromSeconds(int.Parse(Values("TimeoutStopSec").Single(), System.Globalization.CultureInfo.InvariantCulture)).Should().BeGreaterThan(times.Whole + TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Service_RunsAsAUserOfItsOwnWithEnoughFilesAndOneFolderToWriteTo()
    {
        Values("User").Should().Equal("mixgateway");
        long.Parse(Values("LimitNOFILE").Single(), System.Globalization.CultureInfo.InvariantCulture).Should().BeGreaterThan(OpenFiles.Plenty * 2);
        Values("ProtectSystem").Should().Equal("strict");
        Environment.Single(static setting => setting.Key == "Data:Path").Value.Should().Be("/var/lib/" + Values("StateDirectory").Single());
    }

    /// <summary>Every path of the unit is one that the installation makes.</summary>
    [Fact]
    public void Paths_OfTheUnit_AreMadeByTheInstructions()
    {
        var page = SourceTree.Read("docs/operations.md");

        foreach (var path in new[] { "/opt/mixgateway", "/etc/mixgateway/secrets", "/etc/mixgateway/environment", "/var/lib/mixgateway" })
        {
            SourceTree.Read(Unit).Should().Contain(path);
            page.Should().Contain(path);
        }
    }

    private static IEnumerable<string> Values(string key) => Lines.Where(line => line.Key == key).Select(static line => line.Value);
}
