using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;

namespace MixGateway.Console;

/// <summary>
/// The base URL that callers are told: what <c>Console:ApiUrl</c> says, else the address under which the reader sees the console, or
/// the callers' listener where <c>Management:Urls</c> gives the console one of its own.
/// </summary>
internal sealed class ApiAddress(IOptions<ConsoleOptions> options, IOptions<ManagementOptions> management, IServer server)
{
    private readonly string[] _management = ManagementOptions.Split(management.Value.Urls);

    /// <summary>Where the console's own pages call from a browser, which may only talk to where they came from.</summary>
    public string PlaygroundPath => (_management.Length > 0 ? PlaygroundCalls.Root : OpenAIPaths.Root) + "/chat/completions";

    /// <param name="reader">Where the reader sees the console, such as <c>https://gateway.example/</c>.</param>
    /// <returns>Up to and with <c>/v1</c>.</returns>
    public string BaseUrl(Uri reader)
    {
        if (options.Value.ApiUrl is { } configured)
        {
            var url = configured.AbsoluteUri.TrimEnd('/');
            return url.EndsWith(OpenAIPaths.Root, StringComparison.Ordinal) ? url : url + OpenAIPaths.Root;
        }

        var host = _management.Length > 0 && FindListener() is { } listener ? HostOf(listener, reader) : reader.GetLeftPart(UriPartial.Authority);
        return host + OpenAIPaths.Root;
    }

    /// <summary>An encrypted one before others.</summary>
    private BindingAddress? FindListener()
    {
        var ports = Array.ConvertAll(_management, static url => ManagementOptions.PortOf(url) ?? 0);
        return server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse)
            .Where(address => !address.IsUnixPipe && !address.IsNamedPipe && !ports.Contains(address.Port))
            .OrderByDescending(static address => address.Scheme, StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>A listener on every address of this machine is reached by the name that the reader uses.</summary>
    private static string HostOf(BindingAddress listener, Uri reader)
    {
        var host = listener.Host is "*" or "+" or "0.0.0.0" or "[::]" ? reader.Host : listener.Host;
        return new UriBuilder(listener.Scheme, host, listener.Port).Uri.GetLeftPart(UriPartial.Authority);
    }
}
