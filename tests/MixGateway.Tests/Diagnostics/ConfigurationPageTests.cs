using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using MixGateway.Catalog;
using MixGateway.Diagnostics;

namespace MixGateway.Tests.Diagnostics;

/// <summary>docs/configuration.md says what the code does.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string Page = "docs/configuration.md";

    /// <summary>The cells of every row that describes a setting.</summary>
    private static readonly string[][] Rows =
    [
        .. SourceTree.Read(Page).Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Trim('|', ' ').Split('|').Select(static cell => cell.Trim()).ToArray()),
    ];

    private static IEnumerable<string> Named => Rows.Select(static row => row[0].Trim('`'));

    [Fact]
    public void Setting_ThatTheCodeReads_IsOnThePage() => KnownSettings.All.Except(Named).Should().BeEmpty($"{Page} has every setting");

    [Fact]
    public void Setting_OnThePage_IsOneThatTheCodeReads() => Named.Except(KnownSettings.All).Should().BeEmpty($"{Page} has no setting that does nothing");

    [Fact]
    public void Setting_OnThePage_StandsThereOnceWithUnitMeaningAndExample()
    {
        Named.Should().OnlyHaveUniqueItems();
        Rows.Should().OnlyContain(static row => row.Length == 5 && row.All(static cell => cell.Length > 0));
    }

    [Fact]
    public void Default_OfAnOption_IsWhatThePageSays()
    {
        var page = Rows.ToDictionary(static row => row[0].Trim('`'), static row => row[1]);
        var defaults = KnownSettings.OfOptions.Select(static setting => (setting.Name, Default: KnownSettings.Write(setting.Default)))
            .Where(setting => setting.Default is not null && page.ContainsKey(setting.Name)).ToArray();

        defaults.Should().HaveCountGreaterThan(8);
        defaults.Where(setting => page[setting.Name] != $"`{setting.Default}`").Should().BeEmpty();
    }

    /// <summary>What reads a setting by its name, past the options, has to be known too.</summary>
    [Fact]
    public void Key_ReadByItsName_IsKnown()
    {
        var read = SourceTree.Files.Where(static file => file.StartsWith("src/MixGateway/", StringComparison.Ordinal))
            .SelectMany(static file => ReadKey().Matches(SourceTree.Read(file)).Select(static match => match.Groups[1].Value + match.Groups[2].Value + match.Groups[3].Value));

        read.Except(KnownSettings.All).Except(["http_ports", "https_ports", "Kestrel:Endpoints", "urls"]).Should().BeEmpty();
    }

    [Fact]
    public void Example_OnThePage_IsValid()
    {
        var json = Regex.Match(SourceTree.Read(Page), "```json\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

        CatalogReader.Read(configuration, [], revision: 1).Errors.Should().BeEmpty();
        UnknownSettings.Find(configuration).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Quotas:Leese", "Quotas:Lease")]
    [InlineData("Limits:MaxRequestBodi", "Limits:MaxRequestBody")]
    [InlineData("Management:Whatever", null)]
    [InlineData("Payments:Stripe:SecretKy", "Payments:Stripe:SecretKey")]
    [InlineData("Billing:Reconciliation:Intervall", "Billing:Reconciliation:Interval")]
    [InlineData("ConnectionStrings:Postgress", "ConnectionStrings:Postgres")]
    [InlineData("Quota:Lease", "Quotas", "Quota")]
    [InlineData("Provider:deepseek:ApiKey", "Providers", "Provider")]
    [InlineData("ShutdownTimout", "ShutdownTimeout")]
    public void Setting_Misspelt_IsFoundWithWhatWasMeant(string written, string? meant, string? named = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(written, "1"), .. Fine]).Build();

        UnknownSettings.Find(configuration).Should().Equal((named ?? written, meant));
    }

    /// <summary>Ours however they are written, lists among them, and others' that say nothing to us.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Fine =>
    [
        new("Quotas:lease", "00:00:30"), new("Payments:Amounts:0", "5"), new("Cors:Origins:0", "https://app.example"), new("Serilog:WriteTo:0:Name", "File"),
        new("Kestrel:Endpoints:Public:Url", "http://*:8443"), new("Other:Thing", "1"), new("ConnectionStrings:Reporting", "1"), new("PATH", "/bin"), new("HOSTNAME", "a"), new("Logging:LogLevel:Default", "Debug"),
    ];

    [GeneratedRegex("""onfiguration\[\$?"([^"{]+)"\]|onfiguration\.Get(?:Section|Value<\w+\??>)\("([^"{]+)"\)|const string \w*Key = "([A-Z]\w+:\w[^"]*)";""")]
    private static partial Regex ReadKey();
}
