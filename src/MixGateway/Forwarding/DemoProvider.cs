using Microsoft.Extensions.Configuration.Memory;
using MixGateway.Catalog;
using MixGateway.Simulator;

namespace MixGateway.Forwarding;

/// <summary>In Development a provider called <c>demo</c> is there without any key: the simulator, in process, on loopback.</summary>
internal static class DemoProvider
{
    private const string Name = "demo";

    /// <summary>Does nothing outside Development, or where a provider called demo is configured.</summary>
    public static async Task AddDemoProviderAsync(this WebApplicationBuilder builder)
    {
        if (!builder.Environment.IsDevelopment() || builder.Configuration.GetSection($"Providers:{Name}").Exists())
        {
            return;
        }

        var simulator = await SimulatorServer.StartAsync();

        builder.Services.AddHostedService(_ => new Lifetime(simulator));

        // The lowest priority: whatever the operator sets wins.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new($"Providers:{Name}:BaseUrl", simulator.BaseAddress.AbsoluteUri),
                new($"Providers:{Name}:{ProxyReader.Section}", ProxyReader.Direct),
                new($"Providers:{Name}:Models:echo:InputPrice", "1"),
                new($"Providers:{Name}:Models:echo:OutputPrice", "2"),
                new($"Providers:{Name}:Models:*:InputPrice", "1"),
                new($"Providers:{Name}:Models:*:OutputPrice", "2"),
            ],
        });
    }

    /// <summary>Stops the simulator with the gateway, after the web server and so after the last call.</summary>
    private sealed class Lifetime(SimulatorServer simulator) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => simulator.DisposeAsync().AsTask();
    }
}
