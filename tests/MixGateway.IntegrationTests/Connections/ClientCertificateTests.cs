using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>Providers that want to see a certificate of the gateway's.</summary>
public sealed class ClientCertificateTests(ClientCertificateTests.Providers shared) : IClassFixture<ClientCertificateTests.Providers>
{
    [Theory]
    [InlineData("pem")]
    [InlineData("apart")]
    [InlineData("pfx")]
    public async Task Provider_ThatAsksForACertificate_GetsTheConfiguredOne(string provider)
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: provider);

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    /// <summary>With TLS 1.3 the provider says so only when the request is under way; the operator reads no "broken pipe".</summary>
    [Theory]
    [InlineData("none-1.1")]
    [InlineData("none-2")]
    [InlineData("none-tls1.2")]
    public async Task Provider_ThatGetsNone_IsTheOperatorsToConfigure(string provider)
    {
        var account = await shared.Gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: provider);

        var error = await response.ShouldFailAsync(502, "upstream_error", "upstream_unreachable");
        error.Message.Should().NotContain("certificate");
        (await shared.Gateway.LastErrorAsync(provider)).Should().StartWith("The provider requires a client certificate, and none is configured").And.EndWith($"Set Providers:{provider}:ClientCertificate:Path.");
        (await shared.Gateway.TestModelAsync($"{provider}:m")).Error.Should().StartWith("The provider requires a client certificate");
        (await account.OnlyCallAsync()).Charged.Should().Be("0", "the provider never had the request");
    }

    public sealed class Providers : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-mtls-");
        private readonly X509Certificate2 _server = TestCertificate.Create();
        private readonly List<Process> _servers = [];
        private Http1Provider _strict = null!;

        internal TestGateway Gateway { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            using var client = TestCertificate.Create("gateway.example");
            using var key = client.GetECDsaPrivateKey()!;
            var keyPem = key.ExportPkcs8PrivateKeyPem();
            await WriteAsync("both.pem", client.ExportCertificatePem() + "\n" + keyPem);
            await WriteAsync("only.pem", client.ExportCertificatePem());
            await WriteAsync("only.key", key.ExportEncryptedPkcs8PrivateKeyPem("of the key", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
            await File.WriteAllBytesAsync(PathOf("client.p12"), client.Export(X509ContentType.Pkcs12, "of the file"));
            using var serverKey = _server.GetECDsaPrivateKey()!;
            await WriteAsync("server.pem", _server.ExportCertificatePem() + "\n" + serverKey.ExportPkcs8PrivateKeyPem());
            _strict = new Http1Provider(static exchange => exchange.RespondAsync(), _server) { ClientThumbprint = client.Thumbprint };
            Gateway = await TestGateway.StartAsync(
            [
                .. _strict.Settings("pem", $"ClientCertificate={PathOf("both.pem")}"),
                .. _strict.Settings("apart", $"ClientCertificate:Path={PathOf("only.pem")}", $"ClientCertificate:KeyPath={PathOf("only.key")}", "ClientCertificate:Password=of the key"),
                .. _strict.Settings("pfx", $"ClientCertificate:Path={PathOf("client.p12")}", "ClientCertificate:Password=of the file"),
                .. Of("none-1.1", await StartServerAsync("-tls1_3")),
                .. Of("none-2", await StartServerAsync("-tls1_3", "-alpn", "h2")),
                .. Of("none-tls1.2", await StartServerAsync("-tls1_2")),
            ]);
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await _strict.DisposeAsync();
            foreach (var server in _servers)
            {
                server.Kill();
                await server.WaitForExitAsync();
                server.Dispose();
            }

            _server.Dispose();
            _folder.Delete(recursive: true);
        }

        private string PathOf(string file) => Path.Combine(_folder.FullName, file);

        private Task WriteAsync(string file, string text) => File.WriteAllTextAsync(PathOf(file), text);

        private static string[] Of(string name, int port) =>
        [
            $"Providers:{name}:BaseUrl=https://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/v1", $"Providers:{name}:Models:*:InputPrice=1", $"Providers:{name}:Models:*:OutputPrice=2",
            $"Providers:{name}:Cluster:HttpClient:DangerousAcceptAnyServerCertificate=true",
        ];

        /// <summary>OpenSSL's own server, which says what is missing as most servers do.</summary>
        private async Task<int> StartServerAsync(params string[] arguments)
        {
            var program = await DebianPackages.EnsureAsync("openssl", ["openssl"], "version");
            var port = FreePort.Find();
            var start = new ProcessStartInfo(program, ["s_server", "-accept", $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", "-cert", PathOf("server.pem"), "-Verify", "1", "-verify_return_error", "-quiet", .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var server = Process.Start(start)!;
            server.BeginOutputReadLine();
            server.BeginErrorReadLine();
            _servers.Add(server);
            await Eventually.TrueAsync(() => Listens(port), "the server listens");
            return port;
        }

        private static bool Listens(int port)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
