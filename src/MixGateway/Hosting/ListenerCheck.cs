using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MixGateway.Diagnostics;

namespace MixGateway.Hosting;

/// <summary>
/// The addresses that the gateway is to listen on, and their certificates, before the stores are touched: Kestrel looks at them last,
/// one at a time, and throws.
/// </summary>
internal static class ListenerCheck
{
    private const string Kestrel = "Kestrel";
    private const string EndpointsKey = Kestrel + ":Endpoints";
    private const string Form = "write an address such as http://0.0.0.0:8080 or https://*:8443";

    /// <summary>One line for each mistake.</summary>
    public static IReadOnlyList<string> Mistakes(WebApplication app)
    {
        List<string> mistakes = [.. Ports(app.Configuration)];
        List<(string Key, BindingAddress Address)> listeners = [];
        foreach (var (key, url) in Urls(app.Configuration))
        {
            if (MistakeIn(url, out var address) is { } mistake)
            {
                mistakes.Add($"{key} is \"{url}\": {mistake}.");
            }
            else
            {
                listeners.Add((key, address!));
            }
        }

        mistakes.AddRange(CertificateCheck.Mistakes(app.Configuration, app.Environment.ContentRootPath));
        if (mistakes.Count == 0)
        {
            mistakes.AddRange(TryKestrel(app, listeners));
            mistakes.AddRange(listeners.Select(static listener => Unusable(listener.Key, listener.Address)).OfType<string>());
        }

        return mistakes;
    }

    /// <summary>Every address with the setting that it is from.</summary>
    private static IEnumerable<(string Key, string Url)> Urls(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection(EndpointsKey).GetChildren().ToArray();
        if (endpoints.Length > 0)
        {
            return endpoints.Select(static endpoint => ($"{endpoint.Path}:Url", endpoint["Url"] ?? ""));
        }

        var management = ManagementOptions.Split(configuration[ManagementOptions.UrlsKey]);
        return ManagementListener.PublicUrls(configuration).Concat(management).Distinct()
            .Select(url => (management.Contains(url) ? ManagementOptions.UrlsKey : WebHostDefaults.ServerUrlsKey, url));
    }

    /// <summary>What the images of ASP.NET Core set is used only where no address is.</summary>
    private static IEnumerable<string> Ports(IConfiguration configuration) =>
        from key in string.IsNullOrEmpty(configuration[WebHostDefaults.ServerUrlsKey]) ? new[] { WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey } : []
        from port in ManagementOptions.Split(configuration[key])
        where !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select $"{key} is \"{configuration[key]}\": write ports from 0 to 65535, separated by semicolons.";

    private static string? MistakeIn(string url, out BindingAddress? address)
    {
        address = null;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return Form;
        }

        return address switch
        {
            { Scheme: not ("http" or "https") } => Form,
            { IsUnixPipe: true } or { IsNamedPipe: true } => null,
            { Port: < 0 or > IPEndPoint.MaxPort } => $"a port is from 0 to {IPEndPoint.MaxPort}",
            { Host: var host } when host.Length == 0 || (host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[')) => Form,
            { PathBase.Length: > 0 } => "an address has no path; callers' paths begin at its root",
            { Host: "localhost", Port: 0 } => "a port that the system chooses needs an address, such as http://127.0.0.1:0",
            _ => null,
        };
    }

    /// <summary>Lets Kestrel itself read its settings, on options that no server uses.</summary>
    private static IEnumerable<string> TryKestrel(WebApplication app, IReadOnlyList<(string Key, BindingAddress Address)> listeners)
    {
        var probe = new KestrelServerOptions { ApplicationServices = app.Services };
        if (Try(() => probe.Configure(app.Configuration.GetSection(Kestrel), reloadOnChange: false).Load()) is { } mistake)
        {
            return [$"{Kestrel}: {mistake}"];
        }

        // Endpoints were read with their certificates; an address has the default one.
        return listeners.Where(listener => !listener.Key.StartsWith(EndpointsKey, StringComparison.Ordinal) && listener.Address.Scheme == Uri.UriSchemeHttps
                && Try(() => probe.ListenAnyIP(0, static listen => listen.UseHttps())) is not null)
            .Select(static listener => $"{listener.Key}: {listener.Address} has no certificate. Set Kestrel:Certificates:Default:Path, with :KeyPath for a PEM file or :Password for a PFX file.");
    }

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception exception)
        {
            // Whatever it throws is about its settings; its first sentence says what, and the rest is advice for developers.
            var text = exception.Message.ReplaceLineEndings("\n").Split('\n')[0];
            return text.Contains("No server certificate was specified", StringComparison.Ordinal)
                ? "An https endpoint has no certificate. Set its Certificate:Path, or Kestrel:Certificates:Default:Path, with :KeyPath for a PEM file or :Password for a PFX file."
                : text;
        }
    }

    /// <summary>Tries the address, and lets go of it: it may be taken, not be of this machine, or be for root alone.</summary>
    private static string? Unusable(string key, BindingAddress address)
    {
        if (address.Port == 0 || address.IsUnixPipe || address.IsNamedPipe)
        {
            return null;
        }

        // As Kestrel does: localhost is both loopback addresses, and one of them is enough; any other name is every address.
        var faults = address.Host == "localhost" ? new[] { Bind(IPAddress.Loopback, address.Port), Bind(IPAddress.IPv6Loopback, address.Port) }
            : new[] { Bind(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Any, address.Port) };
        var fault = faults.Contains(SocketError.AddressAlreadyInUse) ? SocketError.AddressAlreadyInUse : Array.TrueForAll(faults, static fault => fault is not null) ? faults[0] : null;
        return fault is { } found ? $"{key}: {address} cannot be listened on: {Describe(found)}." : null;
    }

    private static SocketError? Bind(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static string Describe(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => "address already in use; stop what listens there, or choose another port",
        SocketError.AccessDenied => "this user may not listen on ports below 1024; choose another port",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => error.ToString(),
    };
}
