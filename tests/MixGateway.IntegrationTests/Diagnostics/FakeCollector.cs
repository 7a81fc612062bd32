using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>Takes what OpenTelemetry's exporters send, by HTTP and by gRPC, and keeps the bytes.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    public const string Http = "http/protobuf";
    public const string Grpc = "grpc";

    /// <summary>A gRPC message without a byte in it: not compressed, of length 0.</summary>
    private static readonly byte[] EmptyMessage = new byte[5];

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(string Path, string Text)> _received = new();

    private FakeCollector(string protocol)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = protocol == Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    public string Address => _application.Urls.First();

    /// <summary>Names in the metrics so far stand in it as they are.</summary>
    public string Metrics => TextOf("/v1/metrics", "MetricsService/Export");

    /// <inheritdoc cref="Metrics"/>
    public string Traces => TextOf("/v1/traces", "TraceService/Export");

    public static async Task<FakeCollector> StartAsync(string protocol)
    {
        var collector = new FakeCollector(protocol);
        await collector._application.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private string TextOf(params string[] paths) => string.Concat(
        _received.Where(received => Array.Exists(paths, path => received.Path.EndsWith(path, StringComparison.Ordinal))).Select(static received => received.Text));

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
        if (context.Request.ContentType == "application/grpc")
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(EmptyMessage);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        else
        {
            context.Response.ContentType = "application/x-protobuf";
        }
    }
}
