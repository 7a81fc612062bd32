using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Diagnostics;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>A bug of the gateway itself: never a provider's failure, never tried again, never silent.</summary>
public sealed class GatewayBugTests : IDisposable
{
    private readonly LogFile _log = new();

    public void Dispose() => _log.Dispose();

    public static TheoryData<string, bool, string> Bugs => new()
    {
        { nameof(BrokenPart.InRequestTransform), false, "bug" },
        { nameof(BrokenPart.InRequestTransform), true, "bug+chunks=3" },
        { nameof(BrokenPart.BeforeTheRelay), false, "bug" },
        { nameof(BrokenPart.BeforeTheRelay), true, "bug+chunks=3" },
        { nameof(BrokenPart.BeforeTheRelay), false, "bug+error=400" },
        { nameof(BrokenPart.InWrite), true, "bug+chunks=3" },
    };

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task Bug_BeforeAnythingWasSent_IsA500ThatNoProviderIsBlamedFor(string part, bool stream, string script)
    {
        await using var gateway = await StartAsync(part switch
        {
            nameof(BrokenPart.InRequestTransform) => BrokenPart.InRequestTransform,
            nameof(BrokenPart.BeforeTheRelay) => BrokenPart.BeforeTheRelay,
            _ => BrokenPart.InWrite(1),
        });
        var account = await gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync(script, stream, provider: "pool");

        var error = await answer.ShouldFailAsync(500, "server_error", "internal_error");
        error.Message.Should().NotContain(BrokenPart.Text);
        var record = await account.OnlyCallAsync();
        (record.Attempts, record.HttpStatus, record.ErrorCode).Should().Be((1, 500, "internal_error"));
        await ShouldBlameNobodyAsync(gateway);
        await ShouldBeLoggedOnceAsync(answer.RequestId());
        await Eventually.TrueAsync(async () => (await account.ReadAsync()).GetProperty("held").GetString() == "0", "the hold is given back");
    }

    [Fact]
    public async Task Bug_InMidStream_EndsItWithTheErrorEvent()
    {
        await using var gateway = await StartAsync(BrokenPart.InWrite(2));
        var account = await gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync("bug+chunks=5+delay=20", stream: true, provider: "pool");
        var text = await answer.Content.ReadAsStringAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        text.Should().NotContain("[DONE]").And.NotContain(BrokenPart.Text);
        ApiError.ReadEvent(Calls.Events(text)[^1], answer).Code.Should().Be("internal_error");
        (await account.OnlyCallAsync()).Attempts.Should().Be(1);
        await ShouldBlameNobodyAsync(gateway);
        await ShouldBeLoggedOnceAsync(answer.RequestId());
    }

    [Fact]
    public async Task Bug_ThatStopsEvenTheError_IsLoggedAndCountedAllTheSame()
    {
        await using var gateway = await StartAsync(BrokenPart.InWrite(1, forever: true));
        var account = await gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync("bug+chunks=3", stream: true, provider: "pool");

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        await _log.AwaitAsync("CallEnded", (await account.OnlyCallAsync()).RequestId);
        await Eventually.TrueAsync(
            async () => (await gateway.ReadMetricsAsync()).Any(static sample => sample.Name == "mixgateway_requests_total" && sample.Has("http_response_status_code", "500") && sample.Value > 0),
            "the answer is counted");
        (await gateway.ReadMetricsAsync()).Should().Contain(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count" && sample.Value > 0);
    }

    /// <summary>With two credentials, so that a retry would be seen.</summary>
    private Task<TestGateway> StartAsync(Action<IServiceCollection> change) => TestGateway.StartWithAsync(
        upstream =>
        [
            .. _log.Settings,
            $"Providers:pool:BaseUrl={upstream.BaseAddress}", "Providers:pool:ApiKeys:0=first-secret-0123", "Providers:pool:ApiKeys:1=second-secret-0123",
            "Providers:pool:Models:*:InputPrice=1", "Providers:pool:Models:*:OutputPrice=2",
        ],
        change);

    private static async Task ShouldBlameNobodyAsync(TestGateway gateway)
    {
        (await gateway.ReadMetricsAsync()).Where(static sample => sample.Name == "mixgateway_upstream_healthy").Should().OnlyContain(static sample => sample.Value == 1);
        (await gateway.GetAsync("/api/v1/providers")).ToString().Should().NotContain("internal_error").And.NotContain(BrokenPart.Text);
    }

    private async Task ShouldBeLoggedOnceAsync(string requestId)
    {
        await _log.AwaitJsonAsync("CallEnded", requestId);
        var line = await _log.AwaitJsonAsync("CallBug", requestId);
        line.ToString().Should().Contain(BrokenPart.Text).And.Contain("BrokenPart", "the stack says where");
        _log.Text.Split('\n').Count(static text => text.Contains(BrokenPart.Text, StringComparison.Ordinal)).Should().Be(1);
    }
}
