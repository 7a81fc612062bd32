using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>What a collector gets of a call, and that none is needed for one.</summary>
public sealed class CollectorTests
{
    private const string Prompt = "the-prompt-that-no-collector-sees";

    private static readonly string[] Spans =
    [
        "service.name", "mixgateway", "chat sim:collected+chunks=5", "gen_ai.operation.name", "gen_ai.usage.output_tokens", "gen_ai.provider.name", "mixgateway.destination",
    ];

    private static readonly string[] Metrics =
    [
        "service.name", "gen_ai.client.token.usage", "gen_ai.server.request.duration", "gen_ai.server.time_to_first_token", "gen_ai.server.time_per_output_token",
        "mixgateway.admissions", "mixgateway.records", "mixgateway.overhead.first_byte", "mixgateway.hot_store.mode",
    ];

    [Theory]
    [InlineData(FakeCollector.Http)]
    [InlineData(FakeCollector.Grpc)]
    public async Task Call_WithACollector_SendsItsMetricsAndSpansWithoutContentOrKeys(string protocol)
    {
        await using var collector = await FakeCollector.StartAsync(protocol);
        await using var gateway = await TestGateway.StartAsync(
            $"Telemetry:OtlpEndpoint={collector.Address}", $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}", "OTEL_METRIC_EXPORT_INTERVAL=200", "OTEL_BSP_SCHEDULE_DELAY=100");
        var account = await gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("collected+chunks=5", stream: true, $",\"user\":\"{Prompt}\"");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        await answer.Content.ReadAsStringAsync();

        await Eventually.TrueAsync(() => Task.FromResult(IsIn(collector.Traces, answer.RequestId())), "the call's span at the collector");
        await Eventually.TrueAsync(() => Task.FromResult(Metrics.All(name => IsIn(collector.Metrics, name))), "all metrics of a call at the collector");

        Spans.Append(account.Id.ToString()).Where(name => !IsIn(collector.Traces, name)).Should().BeEmpty();
        string[] secrets = [Prompt, "Say hello", account.Key, TestGateway.AdminToken, "upstream-secret-0123456789"];
        secrets.Where(secret => IsIn(collector.Traces, secret) || IsIn(collector.Metrics, secret)).Should().BeEmpty();
    }

    /// <summary>One that refuses connections, and one that takes them and says nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_WhileTheCollectorDoesNotAnswer_IsServedAndTheGatewayStops(bool listens)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        if (!listens)
        {
            silent.Stop();
        }

        await using var gateway = await TestGateway.StartAsync(
            $"Telemetry:OtlpEndpoint=http://127.0.0.1:{port}", "OTEL_EXPORTER_OTLP_TIMEOUT=1000", "OTEL_METRIC_EXPORT_INTERVAL=50", "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_BSP_MAX_QUEUE_SIZE=8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=4");
        var account = await gateway.CreateAccountAsync();

        for (var call = 0; call < 20; call++)
        {
            using var answer = await account.ChatAsync("uncollected", stream: true);
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync()).TrimEnd().Should().EndWith("[DONE]");
        }

        var clock = Stopwatch.StartNew();
        await gateway.StopAsync();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("Telemetry:OtlpEndpoint=collector:4317", "Telemetry:OtlpEndpoint")]
    [InlineData("Telemetry:OtlpEndpoint=ftp://127.0.0.1:4317", "Telemetry:OtlpEndpoint")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=nonsense", "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=collector:4318/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=/v1/metrics", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL")]
    public async Task Collector_ThatCannotBe_IsRefusedAtStartByName(string setting, string named)
    {
        var start = async () => await TestGateway.StartAsync(setting);

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain(named);
    }

    /// <summary>An assertion on the text itself would print kilobytes of protobuf.</summary>
    private static bool IsIn(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
