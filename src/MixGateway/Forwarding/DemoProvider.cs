using Microsoft.Extensions.Configuration.Memory;
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

        // A factory, so that the container owns the simulator and stops it with the gateway.
        builder.Services.AddSingleton(_ => simulator);
        builder.Services.AddHostedService<Owner>();

        // The lowest priority: whatever the operator sets wins.
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new($"Providers:{Name}:BaseUrl", simulator.BaseAddress.AbsoluteUri),
                new($"Providers:{Name}:Models:echo:InputPrice", "1"),
                new($"Providers:{Name}:Models:echo:OutputPrice", "2"),
                new($"Providers:{Name}:Models:*:InputPrice", "1"),
                new($"Providers:{Name}:Models:*:OutputPrice", "2"),
            ],
        });
    }

    /// <summary>Makes the container create, and so dispose, the simulator.</summary>
    private sealed class Owner(SimulatorServer simulator) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override string ToString() => simulator.BaseAddress.ToString();
    }
}
