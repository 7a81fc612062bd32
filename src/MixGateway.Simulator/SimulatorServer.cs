using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MixGateway.Simulator.Wire;

namespace MixGateway.Simulator;

/// <summary>
/// An OpenAI-compatible provider on 127.0.0.1 that behaves and misbehaves as the model's id says, as <c>sim+chunks=20+delay=5+cut=7</c>.
/// It reads no configuration and logs nothing, so that any number of them run side by side.
/// </summary>
public sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SimulatorServer(WebApplication application, SimulatorState state, string[] addresses)
    {
        _application = application;
        State = state;
        BaseAddress = new Uri(addresses[0] + "/v1");
        Http2BaseAddress = new Uri(addresses[1] + "/v1");
        TlsBaseAddress = addresses.Length > 2 ? new Uri(addresses[2] + "/v1") : null;
    }

    /// <summary>HTTP/1.1: <c>http://127.0.0.1:port/v1</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>HTTP/2 in clear text with prior knowledge, same path.</summary>
    public Uri Http2BaseAddress { get; }

    /// <summary>TLS, with HTTP/2 or HTTP/1.1 as the client offers, same path; null without a certificate.</summary>
    public Uri? TlsBaseAddress { get; }

    /// <summary>What it has seen.</summary>
    public SimulatorState State { get; }

    /// <summary>Starts a simulator; it answers when the task is done.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatorOptions();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, options.Http2Port, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            if (options.Certificate is { } certificate)
            {
                kestrel.Listen(IPAddress.Loopback, options.TlsPort, endpoint => endpoint.UseHttps(certificate));
            }
        });

        WebApplication application = builder.Build();
        var state = new SimulatorState(options.RecordedRequests);
        if (options.RequestsPerConnection > 0)
        {
            application.Use(next => new ConnectionLimit(next, options.RequestsPerConnection).InvokeAsync);
        }

        application.UseRouting();
        application.MapSimulator(options: options, state: state);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException)
        {
            await application.DisposeAsync();
            throw;
        }

        // In the order in which the endpoints were declared.
        return new SimulatorServer(application, state, [.. application.Urls]);
    }

    /// <summary>Stops at once: running calls are broken off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
