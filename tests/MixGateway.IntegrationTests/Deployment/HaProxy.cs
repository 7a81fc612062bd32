using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Deployment;

/// <summary>
/// A real HAProxy with deploy/haproxy/haproxy.cfg, of which only the addresses and the number of connections are changed, before a server that is ready and
/// answers everything else with 503, so that it shows what reaches a gateway, and how often.
/// </summary>
internal sealed class HaProxy : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-haproxy-");
    private readonly ConcurrentQueue<string> _received = new();
    private readonly WebApplication _gateway;
    private Process? _process;

    private HaProxy()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _gateway = builder.Build();
        _gateway.Run(Answer);
    }

    public int Port { get; } = FreePort.Find();

    /// <summary>The paths of the requests that came through since it was asked the last time, as Kestrel reads them.</summary>
    public IReadOnlyList<string> TakeReceived()
    {
        List<string> received = [];
        while (_received.TryDequeue(out var path))
        {
            received.Add(path);
        }

        return received;
    }

    public static async Task<HaProxy> StartAsync()
    {
        var program = await DebianPackages.EnsureAsync("haproxy", ["haproxy", "/usr/sbin/haproxy"], "-v");
        var balancer = new HaProxy();
        await balancer._gateway.StartAsync();
        var file = Path.Combine(balancer._folder.FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(file, balancer.Configuration());
        balancer._process = Process.Start(new ProcessStartInfo(program, ["-db", "-f", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _ = balancer._process.StandardOutput.ReadToEndAsync();
        var errors = balancer._process.StandardError.ReadToEndAsync();
        var passes = false;
        await Eventually.TryAsync(async () => (passes = await balancer.PassesAsync()) || balancer._process.HasExited);
        return passes ? balancer : throw new InvalidOperationException($"HAProxy does not pass requests on: {(balancer._process.HasExited ? await errors : "")}");
    }

    /// <summary>What comes back for bytes that no client would send as they are.</summary>
    public async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return "";
        }

        var stream = client.GetStream();
        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await _gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> PassesAsync()
    {
        await SendAsync("GET /passes HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");
        return TakeReceived().Count > 0;
    }

    private string Configuration()
    {
        var server = new Uri(_gateway.Urls.First()).Authority;
        var text = Regex.Replace(RepositoryFiles.Read("deploy/haproxy/haproxy.cfg"), @"^resolvers docker\n(?:[ ]+\S.*\n)+", "", RegexOptions.Multiline)
            .Replace(" resolvers docker init-addr last,libc,none", "", StringComparison.Ordinal)
            .Replace("maxconn 20000", "maxconn 100", StringComparison.Ordinal)
            .Replace("bind :8000", $"bind 127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal);
        return Regex.Replace(text, @"(?<=^\s+server \S+ )\S+", server, RegexOptions.Multiline);
    }

    private Task Answer(HttpContext context)
    {
        if (context.Request.Path == "/health/ready")
        {
            return Task.CompletedTask;
        }

        _received.Enqueue(context.Request.Path.Value!);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("from the gateway");
    }
}
