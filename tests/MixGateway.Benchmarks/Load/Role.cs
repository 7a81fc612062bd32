using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MixGateway.Benchmarks.Books;
using MixGateway.Simulator;
using Yarp.ReverseProxy.Configuration;

namespace MixGateway.Benchmarks.Load;

/// <summary>
/// The child's side of <see cref="RoleProcess"/>: one server alone in its process. Says its address, then its counters for every
/// line on standard input, and stops when that ends, so that none outlives its parent.
/// </summary>
internal static class Role
{
    public const string Upstream = "upstream";
    public const string Yarp = "yarp";
    public const string Gateway = "gateway";

    /// <summary>No server: measures by itself, in the gateway's place, and ends.</summary>
    public const string Books = "books";

    public static async Task ServeAsync(string role, string[] settings)
    {
        switch (role)
        {
            case Upstream:
                await using (var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { RecordedRequests = 0 }))
                {
                    await AnswerAsync(simulator.BaseAddress.GetLeftPart(UriPartial.Authority));
                }

                break;
            case Yarp:
                await ServeAsync(CreateYarp(settings[0]));
                break;
            case Gateway:
                await ServeAsync(await MixGateway.Program.CreateAsync(settings));
                break;
            case Books:
                await HotStoreLoad.RunAsync(settings);
                break;
            default:
                throw new ArgumentException($"There is no role '{role}'.", nameof(role));
        }
    }

    /// <summary>YARP as its documentation sets it up: one route, one cluster, every default.</summary>
    private static WebApplication CreateYarp(string upstream)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**path}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        return app;
    }

    private static async Task ServeAsync(WebApplication app)
    {
        await using (app)
        {
            await app.StartAsync();
            await AnswerAsync(app.Urls.First());
            await app.StopAsync();
        }
    }

    private static async Task AnswerAsync(string address)
    {
        await System.Console.Out.WriteLineAsync(RoleProcess.AnswerMark + address);
        while (await System.Console.In.ReadLineAsync() is not null)
        {
            var counters = string.Create(CultureInfo.InvariantCulture, $"{Environment.CpuUsage.TotalTime.Ticks} {GC.GetTotalAllocatedBytes(precise: true)} {Environment.WorkingSet}");
            await System.Console.Out.WriteLineAsync(RoleProcess.AnswerMark + counters);
        }
    }
}
