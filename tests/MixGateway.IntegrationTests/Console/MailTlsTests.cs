using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>Mails over TLS, with a password: only to a server whose certificate is trusted.</summary>
public sealed class MailTlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-mail-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("StartTls", true, false, true)]
    [InlineData("SslOnConnect", true, false, true)]
    [InlineData("StartTls", true, true, false)]
    [InlineData("StartTls", false, false, false)]
    public async Task Mail_OverTls_IsSentOnlyIfTheCertificateIsTrusted(string security, bool isAuthorityKnown, bool asksForRevocations, bool trusted)
    {
        var (port, file) = (FreePort.Find(), Path.Combine(_folder.FullName, "office.crt"));
        var (authority, server) = CreateCertificates();
        using var first = authority;
        using var second = server;
        File.WriteAllText(file, authority.ExportCertificatePem());
        await using var mails = MailServer.Start(port, server, isSecure: security == "SslOnConnect");
        var environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        if (isAuthorityKnown)
        {
            environment["SSL_CERT_FILE"] = file;
        }

        await using var gateway = GatewayProcess.StartFrom(
            GatewayProcess.Folder,
            userId: null,
            environment,
            $"--Data:Path={_folder.FullName}",
            "--Console:PublicUrl=https://ai.example.com",
            "--Smtp:Host=127.0.0.1",
            $"--Smtp:Port={port.ToString(CultureInfo.InvariantCulture)}",
            $"--Smtp:Security={security}",
            $"--Smtp:CheckCertificateRevocation={asksForRevocations}",
            $"--Smtp:UserName={MailServer.UserName}",
            $"--Smtp:Password={MailServer.Password}",
            "--Smtp:From=gateway@example.com");
        using var visitor = new PageVisitor(await gateway.AddressAsync());

        await visitor.RegisterAsync();

        visitor.Message.Should().StartWith(trusted ? "Look into your mail" : "The mail that confirms your address could not be sent just now.");
        mails.All.Select(static mail => (mail.IsSecure, mail.SignedInAs)).Should().Equal(trusted ? [(true, MailServer.UserName)] : Array.Empty<(bool, string?)>());
        gateway.Output.Should().NotContain(MailServer.Password).And.NotContain("confirm-email?");
        gateway.Output.Contains("MailNotSent", StringComparison.Ordinal).Should().Be(!trusted, "the operator is told");
    }

    /// <summary>A private authority, as an office has it: nobody tells what it has revoked.</summary>
    private static (X509Certificate2 Authority, X509Certificate2 Server) CreateCertificates()
    {
        var (from, until) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Office", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        var issuer = authority.CreateSelfSigned(from, until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var signed = server.Create(issuer, from, until, RandomNumberGenerator.GetBytes(8));
        return (issuer, signed.CopyWithPrivateKey(key));
    }
}
