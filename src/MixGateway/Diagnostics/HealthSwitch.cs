using System.Net.Security;
using System.Net.Sockets;
using MixGateway.Hosting;

namespace MixGateway.Diagnostics;

/// <summary>
/// <c>--health</c>: asks the gateway that runs with the same settings whether it is ready, for containers that have no curl.
/// Prints what it answers and ends with 0, or with 1 if it is not ready or does not answer.
/// </summary>
internal static class HealthSwitch
{
    public const string Name = "--health";

    private const string ReadyPath = "/health/ready";
    private const string DefaultAddress = "http://localhost:8080";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        // A settings file that is being edited, or is broken, says nothing about the gateway that runs.
        if (TryAddress(SettingsFiles.Read([.. args.Where(static arg => arg != Name)])) is not { } address)
        {
            await output.WriteLineAsync("The address that the gateway listens on cannot be read from the settings. Write it as http://host:port.");
            return 1;
        }

        try
        {
            using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
            if (address.IsLoopback)
            {
                // The certificate is for the name that callers use, which is not this one.
                handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable);
            }

            using var client = new HttpClient(handler) { BaseAddress = address, Timeout = Patience };
            using var answer = await client.GetAsync(new Uri(ReadyPath, UriKind.Relative));
            await output.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or SocketException)
        {
            await output.WriteLineAsync($"{address} does not answer: {exception.Message}");
            return 1;
        }
    }

    private static Uri? TryAddress(IConfiguration configuration)
    {
        try
        {
            return AddressOf(configuration);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The first address that the gateway listens on, as this machine reaches it.</summary>
    public static Uri AddressOf(IConfiguration configuration)
    {
        var written = First(configuration["urls"])
            ?? Port("http", configuration["http_ports"])
            ?? Port("https", configuration["https_ports"])
            ?? configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(static endpoint => First(endpoint["Url"])).FirstOrDefault(static url => url is not null)
            ?? DefaultAddress;

        // Kestrel takes any host that is neither an address nor localhost as "every address".
        var address = BindingAddress.Parse(written);
        var host = address.Host is "0.0.0.0" or "[::]" || Uri.CheckHostName(address.Host) is not (UriHostNameType.IPv4 or UriHostNameType.IPv6) ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port).Uri;
    }

    private static string? First(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

    private static string? Port(string scheme, string? ports) => First(ports) is { } port ? $"{scheme}://*:{port}" : null;
}
