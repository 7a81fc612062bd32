using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.Forwarding.Connections;

namespace MixGateway.Tests.Forwarding.Connections;

public sealed class UpstreamCertificatesTests
{
    [Fact]
    public void Describe_CertificateOfAnotherName_SaysWhatWasAskedForAndWhatCame()
    {
        using var certificate = Create("CN=intercepting proxy, O=Example Corp", "proxy.example", "*.corp.example");

        UpstreamCertificates.Describe("api.provider.example", certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors)
            .Should().Be(
                "The TLS connection to api.provider.example is refused: the certificate is for another name and the certificate is not trusted. "
                + "Certificate: subject CN=intercepting proxy, O=Example Corp; DNS names proxy.example, *.corp.example, 192.0.2.1; "
                + "valid 2030-01-02 to 2031-02-03; issuer CN=intercepting proxy, O=Example Corp.");
    }

    [Fact]
    public void Describe_CertificateOfManyNames_NamesTheFirst()
    {
        using var certificate = Create("CN=many", [.. Enumerable.Range(0, 20).Select(static i => $"n{i}.example")]);

        UpstreamCertificates.Describe("x", certificate, null, SslPolicyErrors.RemoteCertificateNameMismatch)
            .Should().Contain("DNS names n0.example, n1.example, n2.example and 18 more;");
    }

    [Fact]
    public void Describe_NoCertificate_SaysSo() =>
        UpstreamCertificates.Describe("x", null, null, SslPolicyErrors.RemoteCertificateNotAvailable).Should().Be("The TLS connection to x is refused: no certificate came.");

    private static X509Certificate2 Create(string subject, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            alternatives.AddDnsName(name);
        }

        alternatives.AddIpAddress(IPAddress.Parse("192.0.2.1"));
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSelfSigned(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero));
    }
}
