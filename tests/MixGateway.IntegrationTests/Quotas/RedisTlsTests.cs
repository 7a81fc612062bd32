using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Redis over TLS, with a password, as docs/security.md describes it.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private const string Password = "redis-secret-0123456789";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-tls-");
    private readonly int _port = FreePort.Find();

    private string Certificate => Path.Combine(_folder.FullName, "redis.crt");

    private string Key => Path.Combine(_folder.FullName, "redis.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.ServiceUnavailable)]
    public async Task Redis_OverTls_IsUsedOnlyIfItsCertificateIsTrusted(bool trusted, HttpStatusCode expected)
    {
        CreateCertificate();
        await using var redis = await RedisServer.StartAsync(
            [.. RedisServer.Durable, "--requirepass", Password, "--tls-port", _port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", Certificate,
                "--tls-key-file", Key, "--tls-ca-cert-file", Certificate, "--tls-auth-clients", "no"]);
        var environment = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0" };
        if (trusted)
        {
            // How a private authority is told to every TLS client of the system's library.
            environment["SSL_CERT_FILE"] = Certificate;
        }

        await using var gateway = GatewayProcess.StartFrom(
            GatewayProcess.Folder,
            userId: null,
            environment,
            $"--ConnectionStrings:Postgres={await PostgresDatabase.CreateAsync()}",
            $"--ConnectionStrings:Redis=127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)},ssl=true",
            $"--ConnectionStrings:RedisPassword={Password}",
            $"--Data:Path={_folder.FullName}");
        using var client = GatewayProcess.Client(await gateway.AddressAsync(), "nobody");

        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));

        ready.StatusCode.Should().Be(expected);
        gateway.Output.Should().NotContain(Password);
        if (!trusted)
        {
            (await ready.Content.ReadAsStringAsync()).Should().Contain("UntrustedRoot");
            gateway.Output.Should().ContainAll("HotStoreSilent", "TLS handshake failed", "UntrustedRoot");
        }
    }

    private void CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }
}
