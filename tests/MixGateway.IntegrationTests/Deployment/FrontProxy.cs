using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>The programs that deploy/ has configurations for.</summary>
public enum FrontProgram
{
    Nginx,
    HaProxy,
    Caddy,
}

/// <summary>A configuration of deploy/ with this machine's ports and a certificate of its own, and the real program that reads it.</summary>
internal sealed class FrontProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-front-");
    private readonly FrontProgram _kind;
    private Process? _process;

    private FrontProxy(FrontProgram kind) => _kind = kind;

    /// <summary>Where it takes calls with TLS.</summary>
    public Uri Address => new($"https://localhost:{TlsPort}/");

    private int TlsPort { get; } = FreePort.Find();

    private int ClearPort { get; } = FreePort.Find();

    private string Program { get; set; } = "";

    private string File => Path.Combine(_folder.FullName, _kind == FrontProgram.Caddy ? "Caddyfile" : "proxy.conf");

    /// <summary>Writes the configuration, and asks the program whether it is right.</summary>
    public static async Task<(FrontProxy Proxy, int ExitCode, string Output)> PrepareAsync(FrontProgram kind, Uri gateway)
    {
        var proxy = new FrontProxy(kind)
        {
            Program = kind switch
            {
                FrontProgram.Nginx => await DebianPackages.UnpackAsync("nginx", "usr/sbin/nginx", "-v"),
                FrontProgram.Caddy => await DebianPackages.UnpackAsync("caddy", "usr/bin/caddy", "version"),
                _ => await DebianPackages.EnsureAsync("haproxy", ["haproxy", "/usr/sbin/haproxy"], "-v"),
            },
        };
        await proxy.WriteAsync(gateway);
        using var process = proxy.Run(kind switch
        {
            FrontProgram.Nginx => [.. proxy.NginxArguments, "-t"],
            FrontProgram.Caddy => ["validate", "--adapter", "caddyfile", "--config", proxy.File],
            _ => ["-c", "-f", proxy.File],
        });
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (proxy, process.ExitCode, await output + await errors);
    }

    /// <summary>Runs it until it takes connections.</summary>
    public async Task StartAsync()
    {
        _process = Run(_kind == FrontProgram.Nginx ? NginxArguments : ["-db", "-f", File]);
        _ = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        await Eventually.TrueAsync(Listens, "the proxy listens");
        _ = errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            // The whole tree: nginx has workers.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private string[] NginxArguments => ["-e", "stderr", "-g", $"daemon off; pid {Path.Combine(_folder.FullName, "nginx.pid")};", "-c", File];

    private Process Run(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName };
        start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = _folder.FullName;
        return Process.Start(start)!;
    }

    private async Task WriteAsync(Uri gateway)
    {
        using var certificate = TestCertificate.Create("localhost");
        using var key = certificate.GetECDsaPrivateKey()!;
        var (crt, pem) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        await WriteAsync("gateway.crt", crt);
        await WriteAsync("gateway.key", pem);
        await WriteAsync("gateway.pem", crt + "\n" + pem);
        var text = RepositoryFiles.Read(_kind switch { FrontProgram.Nginx => "deploy/nginx/nginx.conf", FrontProgram.Caddy => "deploy/caddy/Caddyfile", _ => "deploy/haproxy/tls.cfg" })
            .Replace("/etc/nginx/tls", _folder.FullName, StringComparison.Ordinal)
            .Replace("/etc/haproxy", _folder.FullName, StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", gateway.Authority, StringComparison.Ordinal)
            .Replace("maxconn 20000", "maxconn 100", StringComparison.Ordinal)
            .Replace("worker_processes auto", "worker_processes 1", StringComparison.Ordinal)
            .Replace("worker_connections 8192", "worker_connections 256", StringComparison.Ordinal);
        text = Regex.Replace(text, @"(?<=^\s*(?:listen|bind) )(:?)(443|80)\b", match => $"127.0.0.1:{(match.Groups[2].Value == "443" ? TlsPort : ClearPort).ToString(CultureInfo.InvariantCulture)}", RegexOptions.Multiline);
        if (_kind == FrontProgram.Nginx)
        {
            // Debian's package has these folders; unpacked elsewhere, it does not.
            var temporary = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(name => $"    {name}_temp_path {Path.Combine(_folder.FullName, name)};\n"));
            text = text.Replace("http {\n", "http {\n" + temporary, StringComparison.Ordinal);
        }

        await System.IO.File.WriteAllTextAsync(File, text);
    }

    private Task WriteAsync(string name, string text) => System.IO.File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text);

    private bool Listens()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, TlsPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
