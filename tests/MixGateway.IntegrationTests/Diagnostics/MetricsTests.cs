using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>What Prometheus is told of calls. Every test uses a provider's models that no other does, and looks at those alone.</summary>
public sealed class MetricsTests(MetricsTests.Gateways gateways) : IClassFixture<MetricsTests.Gateways>
{
    private const string Secret = "upstream-secret-0123456789";

    [Fact]
    public async Task Stream_Completed_IsMeasuredByOpenTelemetrysNames()
    {
        var account = await gateways.Gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("streamed+chunks=5", stream: true);
        await answer.Content.ReadAsStringAsync();

        var samples = await OfModelAsync("streamed+chunks=5", "gen_ai_server_request_duration_seconds_count");

        samples.Single(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count").Should().Match<Sample>(static sample =>
            sample.Value == 1 && sample.Has("gen_ai_operation_name", "chat") && sample.Has("gen_ai_provider_name", "sim")
            && sample.Has("gen_ai_response_model", "streamed+chunks=5") && !sample.Labels.Contains("error_type"));
        samples.Where(static sample => sample.Name == "gen_ai_client_token_usage_sum").Should().HaveCount(2)
            .And.Contain(static sample => sample.Has("gen_ai_token_type", "input") && sample.Value == 2)
            .And.Contain(static sample => sample.Has("gen_ai_token_type", "output") && sample.Value == 5);
        samples.Should().Contain(static sample => sample.Name == "gen_ai_server_time_to_first_token_seconds_count" && sample.Value == 1);
        samples.Should().Contain(static sample => sample.Name == "gen_ai_server_time_per_output_token_seconds_count" && sample.Value == 1);
        samples.Should().Contain(static sample => sample.Name == "gen_ai_client_token_usage_bucket" && sample.Has("le", "67108864"));
    }

    [Fact]
    public async Task Call_ThatTheProviderFailed_HasAnErrorTypeAndNoTokens()
    {
        var account = await gateways.Gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("broken+status=500", provider: "named");
        answer.StatusCode.Should().Be(HttpStatusCode.BadGateway);

        var samples = await OfModelAsync("broken+status=500", "gen_ai_server_request_duration_seconds_count");

        samples.Should().Contain(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count" && sample.Has("error_type", "upstream_error"));
        samples.Should().NotContain(static sample => sample.Name == "gen_ai_client_token_usage_count");
        (await gateways.Gateway.ReadMetricsAsync()).Should().Contain(static sample =>
            sample.Name == "mixgateway_attempts_total" && sample.Has("gen_ai_provider_name", "named") && sample.Has("outcome", "upstream_error"));
    }

    [Fact]
    public async Task Call_Refused_IsCountedByReasonAndStatus()
    {
        var poor = await gateways.Gateway.CreateAccountAsync(credit: "0");
        using var answer = await poor.ChatAsync("refused");
        answer.StatusCode.Should().Be(HttpStatusCode.PaymentRequired);

        await SeenAsync(static sample => sample.Name == "mixgateway_admissions_total" && sample.Has("outcome", "balance"));
        await SeenAsync(static sample => sample.Name == "mixgateway_requests_total" && sample.Has("http_response_status_code", "402"));
    }

    [Fact]
    public async Task Names_ThatCallersMakeUp_FallIntoOneLabelBeyondTheLimit()
    {
        var account = await gateways.Few.CreateAccountAsync();
        for (var i = 0; i < 6; i++)
        {
            using var answer = await account.ChatAsync($"made-up-{i}");
            answer.EnsureSuccessStatusCode();
        }

        await Eventually.TrueAsync(
            async () => (await gateways.Few.ReadMetricsAsync()).Any(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count" && sample.Has("gen_ai_request_model", "other") && sample.Value == 3),
            "three of six names are others");
        (await gateways.Few.ReadMetricsAsync()).Where(static sample => sample.Name == "gen_ai_server_request_duration_seconds_count").Should().HaveCount(4);
    }

    [Fact]
    public async Task State_OfStoresAndCatalogAndProviders_IsShown()
    {
        var samples = await gateways.Gateway.ReadMetricsAsync();

        samples.Where(static sample => sample.Name == "mixgateway_hot_store_mode" && sample.Value == 1).Should().ContainSingle(static sample => sample.Has("mode", "volatile"));
        samples.Should().Contain(static sample => sample.Name == "mixgateway_catalog_revision" && sample.Value >= 1);
        samples.Should().Contain(static sample => sample.Name == "mixgateway_catalog_rejected" && sample.Value == 0);
        samples.Should().Contain(static sample => sample.Name == "mixgateway_database_up" && sample.Value == 1);
        samples.Should().Contain(static sample => sample.Name == "mixgateway_build_info" && sample.Value == 1);
        samples.Should().Contain(static sample => sample.Name == "mixgateway_upstream_healthy" && sample.Has("gen_ai_provider_name", "sim") && sample.Has("destination", "0"));
        samples.Should().Contain(static sample => sample.Name == "mixgateway_records_unbooked");
        samples.Should().Contain(static sample => sample.Name == "mixgateway_records_oldest_age_seconds");
    }

    [Fact]
    public async Task Labels_WhateverIsMeasured_HoldNoSecret()
    {
        var account = await gateways.Gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("secretive");
        answer.EnsureSuccessStatusCode();

        var text = await gateways.Gateway.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        text.Should().NotContain(Secret).And.NotContain(account.Key).And.NotContain(TestGateway.AdminToken)
            .And.NotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Secret)))[..8]);
    }

    private async Task SeenAsync(Predicate<Sample> wanted) =>
        await Eventually.TrueAsync(async () => (await gateways.Gateway.ReadMetricsAsync()).Any(sample => wanted(sample)), "a sample");

    /// <summary>All samples of a model, once one of a name is there.</summary>
    private Task<IReadOnlyList<Sample>> OfModelAsync(string model, string name) => Eventually.GetAsync<IReadOnlyList<Sample>>(
        async () =>
        {
            Sample[] samples = [.. (await gateways.Gateway.ReadMetricsAsync()).Where(sample => sample.Has("gen_ai_request_model", model))];
            return Array.Exists(samples, sample => sample.Name == name) ? samples : null;
        },
        $"{name} of {model}");

    /// <summary>One with room for many models, one for three.</summary>
    public sealed class Gateways : IAsyncLifetime
    {
        internal TestGateway Gateway { get; private set; } = null!;

        internal TestGateway Few { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Gateway = await TestGateway.StartWithAsync(static upstream =>
            [
                $"Providers:named:BaseUrl={upstream.BaseAddress}",
                "Providers:named:Models:0:Id=broken+status=500",
                "Providers:named:Models:0:InputPrice=1",
                "Providers:named:Models:0:OutputPrice=1",
            ]);
            Few = await TestGateway.StartAsync("Telemetry:MaxModels=3");
        }

        public async Task DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Few.DisposeAsync();
        }
    }
}
