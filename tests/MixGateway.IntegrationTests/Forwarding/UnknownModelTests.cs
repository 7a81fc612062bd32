using System.Text.Json;
using MixGateway.Forwarding;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>Names that callers make up under a wildcard, and that the provider does not know.</summary>
public sealed class UnknownModelTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Unknown = "+error=404";

    private readonly TestGateway _gateway = shared.Gateway;

    [Fact]
    public async Task Model_ThatTheProviderDoesNotKnow_IsAskedForOnce()
    {
        var account = await _gateway.CreateAccountAsync();
        var other = await _gateway.CreateAccountAsync();

        using var first = await account.ChatAsync("made-up" + Unknown);
        using var second = await account.ChatAsync("made-up" + Unknown);
        using var others = await other.ChatAsync("made-up" + Unknown);

        foreach (var answer in new[] { first, second, others })
        {
            (await ApiError.ReadAsync(answer)).Should().Match<ApiError>(static error => error.Status == 404 && error.Code == "model_not_found");
        }

        _gateway.Upstream.State.CallsOf("made-up" + Unknown).Should().Be(1);
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == 1, "only the call that was sent has a record");
        (await other.UsageAsync()).Should().BeEmpty();
        (await account.ReadAsync()).GetProperty("held").GetString().Should().Be("0");
    }

    [Fact]
    public async Task Names_MadeUpOneAfterTheOther_AreRefusedUnaskedBeyondTheBound()
    {
        var account = await _gateway.CreateAccountAsync();
        using (var known = await account.ChatAsync("known-before"))
        {
            known.EnsureSuccessStatusCode();
        }

        for (var i = 0; i < 60; i++)
        {
            using var answer = await account.ChatAsync($"flood-{i}{Unknown}");
            (await ApiError.ReadAsync(answer)).Code.Should().Be("model_not_found");
        }

        using var again = await account.ChatAsync("known-before");
        again.EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await account.UsageAsync()).Count == UnknownModels.MaxPerKey + 2, "the bound, and the two calls of a model that exists");
    }

    [Theory]
    [InlineData("error=400")]
    [InlineData("error=422")]
    [InlineData("error=404+errorbody=html")]
    [InlineData("error=500")]
    public async Task Failure_OfAnotherKind_IsNotRemembered(string fault)
    {
        var account = await _gateway.CreateAccountAsync();
        var script = "other-" + fault.GetHashCode(StringComparison.Ordinal);

        using var first = await account.ChatAsync($"{script}+{fault}");
        var before = _gateway.Upstream.State.CallsOf($"{script}+{fault}");
        using var second = await account.ChatAsync($"{script}+{fault}");

        _gateway.Upstream.State.CallsOf($"{script}+{fault}").Should().BeGreaterThan(before);
        JsonSerializer.Deserialize<JsonElement>(await second.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("message").GetString().Should().NotContain("within the last minute");
    }
}
