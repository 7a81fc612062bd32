using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Forwarding.Connections;

/// <summary>Files of client certificates that can be used, and what the operator reads of those that cannot.</summary>
public sealed class ClientCertificatesTests : IDisposable
{
    private const string Password = "geheim-5f1c";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-certificates-");
    private readonly ClientCertificates _certificates;

    public ClientCertificatesTests()
    {
        _certificates = new ClientCertificates(new Host(_folder.FullName));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var pem = certificate.ExportCertificatePem();
        Write("both.pem", pem + "\n" + key.ExportPkcs8PrivateKeyPem());
        Write("only.pem", pem);
        Write("only.key", key.ExportPkcs8PrivateKeyPem());
        Write("other.key", other.ExportPkcs8PrivateKeyPem());
        Write("encrypted.key", key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Write("words.txt", "no certificate at all");
        Write("empty.pem", "");
        File.WriteAllBytes(Path.Combine(_folder.FullName, "file.p12"), certificate.Export(X509ContentType.Pkcs12, Password));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "keyless.p12"), new X509Certificate2Collection(X509CertificateLoader.LoadCertificate(certificate.RawData)).Export(X509ContentType.Pkcs12)!);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("both.pem", null, null)]
    [InlineData("only.pem", "only.key", null)]
    [InlineData("only.pem", "encrypted.key", Password)]
    [InlineData("file.p12", null, Password)]
    public void File_OfAnyKind_IsLoadedWithItsKey(string path, string? key, string? password) =>
        _certificates.Load(new ClientCertificateFile(path, key, password)).TargetCertificate.HasPrivateKey.Should().BeTrue();

    [Theory]
    [InlineData("missing.pem", null, null, "Path", "does not exist")]
    [InlineData("only.pem", "missing.key", null, "KeyPath", "does not exist")]
    [InlineData("only.pem", null, null, "Path", "holds no private key")]
    [InlineData("keyless.p12", null, null, "Path", "holds no private key")]
    [InlineData("only.pem", "other.key", null, "Path", "cannot be opened")]
    [InlineData("only.pem", "encrypted.key", "wrong-5f1c", "Path", "cannot be opened")]
    [InlineData("only.pem", "encrypted.key", null, "Path", "cannot be opened")]
    [InlineData("file.p12", null, "wrong-5f1c", "Path", "cannot be opened")]
    [InlineData("file.p12", null, null, "Path", "cannot be opened")]
    [InlineData("words.txt", null, null, "Path", "cannot be opened")]
    [InlineData("empty.pem", null, null, "Path", "cannot be opened")]
    [InlineData(".", null, null, "Path", "cannot be read")]
    public void File_ThatCannotBeUsed_IsRefusedInWords(string path, string? key, string? password, string setting, string words)
    {
        var settings = $$"""  "ClientCertificate": { "Path": "{{path}}" {{(key is null ? "" : $", \"KeyPath\": \"{key}\"")}} {{(password is null ? "" : $", \"Password\": \"{password}\"")}} } """;

        CatalogJson.Read($$"""{ "Providers": { "p": { "BaseUrl": "https://api.example.com/v1", {{settings}} } } }""", new ClientCertificateRule(_certificates))
            .Errors.Should().ContainSingle().Which.Should().StartWith($"Providers:p:ClientCertificate:{setting}: the file {_folder.FullName}").And.Contain(words).And.NotContain("5f1c");
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.FullName, file), text);

    private sealed class Host(string folder) : IHostEnvironment
    {
        public string ApplicationName { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();

        public string ContentRootPath { get; set; } = folder;

        public string EnvironmentName { get; set; } = "";
    }
}
