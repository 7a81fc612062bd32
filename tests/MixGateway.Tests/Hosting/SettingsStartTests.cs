using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.Diagnostics;

namespace MixGateway.Tests.Hosting;

/// <summary>What the settings are refused for, before anything is started. The same in a process of its own: RefusedStartTests of the integration tests.</summary>
public sealed class SettingsStartTests : IDisposable
{
    private const string Password = "certificate-password-1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-settings-");

    public static TheoryData<string, string> WrongSettings => new()
    {
        { "urls=127.0.0.1:18050", "urls" },
        { "urls=http://127.0.0.1:99999", "65535" },
        { "urls=ftp://127.0.0.1:8080", "urls" },
        { "urls=http://127.0.0.1:8080/v1", "path" },
        { "urls=http://localhost:0", "127.0.0.1:0" },
        { "urls=http://192.0.2.77:18050", "no such address" },
        { "urls=https://127.0.0.1:0", "Kestrel:Certificates:Default:Path" },
        { "Kestrel:Endpoints:A:Url=https://127.0.0.1:0", "Kestrel:Certificates:Default:Path" },
        { "Kestrel:Endpoints:A:Url=127.0.0.1", "Kestrel:Endpoints:A:Url" },
        { "Kestrel:Endpoints:A:Protocols=Http9", "Kestrel" },
        { "Kestrel:Certificates:Default:Path=missing.pfx", "Kestrel:Certificates:Default:Path" },
        { "Kestrel:Certificates:Default:Path=good.pfx", "Kestrel:Certificates:Default:Password" },
        { "Kestrel:Certificates:Default:Path=alone.pem", "Kestrel:Certificates:Default:KeyPath" },
        { "Kestrel:Certificates:Default:Path=alone.pem;Kestrel:Certificates:Default:KeyPath=other.key", "Kestrel:Certificates:Default:KeyPath" },
        { "Kestrel:Certificates:Default:Path=alone.pem;Kestrel:Certificates:Default:KeyPath=none.key", "none.key" },
        { "Serilog:MinimumLevel=Loud", "Serilog:MinimumLevel" },
        { "Serilog:MinimumLevel:Override:Yarp=Noisy", "Serilog:MinimumLevel:Override:Yarp" },
        { "Serilog:WriteTo:0:Name=Seq", "Serilog:WriteTo:0" },
        { "Billing:Reconciliation:Interval=6", "6h" },
        { "Quotas:Lease=30", "30s" },
        { "ShutdownTimeout=45", "ShutdownTimeout" },
        { "Billing:Currency=dollars", "Billing:Currency" },
        { "ForwardedHeaders:KnownProxies=10.0.0.0/8,proxy", "ForwardedHeaders:KnownProxies:1" },
        { "Cors:Origins=https://app.example/path", "Cors:Origins:0" },
        { "Cors:Origins=https://a.example;Cors:Origins:0=https://b.example", "Cors:Origins" },
        { "ConnectionStrings:Postgress=Host=db", "ConnectionStrings:Postgres" },
        { "ConnectionStrings:DefaultConnection=Host=db", "ConnectionStrings:DefaultConnection" },
        { "ConnectionString:Postgres=Host=db", "ConnectionStrings" },
        { "CONNECTIONSTRINGS_POSTGRES=Host=db", "ConnectionStrings:Postgres" },
        { "Data:Path=", "ConnectionStrings:Postgres" },
        { "Providers:p:BaseUrl=nowhere", "Providers:p:BaseUrl" },
        { "Secrets:Path=/nowhere", "Secrets:Path" },
    };

    public static TheoryData<string> RightSettings => new()
    {
        { "ForwardedHeaders:KnownProxies=10.0.0.0/8, 192.168.0.1" },
        { "Cors:Origins=https://a.example,https://b.example" },
        { "Billing:Reconciliation:Interval=6h" },
        { "Quotas:Lease=30s;ShutdownTimeout=1m" },
        { "urls=https://127.0.0.1:0;Kestrel:Certificates:Default:Path=good.pfx;Kestrel:Certificates:Default:Password=" + Password },
        { "urls=https://127.0.0.1:0;Kestrel:Certificates:Default:Path=alone.pem;Kestrel:Certificates:Default:KeyPath=alone.key" },
        { "Kestrel:Endpoints:A:Url=https://127.0.0.1:0;Kestrel:Endpoints:A:Certificate:Path=good.pfx;Kestrel:Endpoints:A:Certificate:Password=" + Password },
        { "Serilog:MinimumLevel:Default=debug" },
        { "ConnectionStrings:Reporting=x;ConnectionStrings:Postgres=Host=db" },
        { "Providers:p:ApiKey=sk-alone" },
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task Setting_ThatIsWrong_IsOneLineThatNamesIt(string settings, string named)
    {
        var refusal = (await FluentActions.Awaiting(() => CreateAsync(settings)).Should().ThrowAsync<SettingsRefusedException>()).Which;

        refusal.Errors.Should().ContainSingle().Which.Should().Contain(named).And.NotContainAny("\n", Password, "   at ");
    }

    [Theory]
    [MemberData(nameof(RightSettings))]
    public Task Setting_ThatIsRight_IsTaken(string settings) => FluentActions.Awaiting(() => CreateAsync(settings)).Should().NotThrowAsync();

    [Fact]
    public async Task Mistakes_OfEveryPart_AreToldTogether()
    {
        var refusal = (await FluentActions.Awaiting(() => CreateAsync(
            "urls=8080;Serilog:MinimumLevel=Loud;Quotas:Lease=30;Providers:p:BaseUrl=x;ConnectionStrings:Postgress=y;Kestrel:Certificates:Default:Path=missing.pfx;Secrets:Path=/nowhere;Limits:MaxAttempts=99"))
            .Should().ThrowAsync<SettingsRefusedException>()).Which;

        string.Join('\n', refusal.Errors).Should().ContainAll("urls", "Serilog:MinimumLevel", "Quotas:Lease", "Providers:p:BaseUrl", "ConnectionStrings:Postgress", "Kestrel:Certificates:Default:Path", "Secrets:Path", "Limits:MaxAttempts");
        refusal.Errors.Should().OnlyHaveUniqueItems().And.HaveCount(8);
    }

    [Fact]
    public async Task File_ThatIsNotJson_IsNamedWithItsLine()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.Production.json"), "{\n  \"Billing\": {\n");

        (await FluentActions.Awaiting(() => CreateAsync("Limits:MaxAttempts=1")).Should().ThrowAsync<SettingsRefusedException>())
            .Which.Errors.Should().ContainSingle().Which.Should().ContainAll("appsettings.Production.json", "line 3");
    }

    [Fact]
    public async Task List_WrittenAsOneValue_IsTheSameAsAList()
    {
        await using var app = await CreateAsync("Cors:Origins=https://a.example, https://b.example;Payments:EPay:Methods=alipay");

        app.Configuration.GetSection("Cors:Origins").GetChildren().Select(static entry => entry.Value).Should().Equal("https://a.example", "https://b.example");
        app.Configuration["Payments:EPay:Methods:0"].Should().Be("alipay");
    }

    /// <param name="settings">Separated by semicolons.</param>
    private async Task<Microsoft.AspNetCore.Builder.WebApplication> CreateAsync(string settings)
    {
        WriteCertificates();
        string[] defaults = ["--environment=Production", $"--contentRoot={_folder.FullName}", "--urls=http://127.0.0.1:0", $"--Data:Path={_folder.FullName}/data", "--Serilog:MinimumLevel:Default=Fatal"];
        var given = settings.Split(';').Select(static setting => "--" + setting).ToArray();
        return await Program.CreateAsync([.. defaults.Where(setting => !Array.Exists(given, one => one.Split('=')[0] == setting.Split('=')[0])), .. given]);
    }

    private void WriteCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "good.pfx"), certificate.Export(X509ContentType.Pfx, Password));
        File.WriteAllText(Path.Combine(_folder.FullName, "alone.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder.FullName, "alone.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder.FullName, "other.key"), other.ExportPkcs8PrivateKeyPem());
    }
}
