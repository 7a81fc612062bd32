using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>Providers that fail in the middle of a stream of three content chunks, a finish_reason and a report of usage.</summary>
public sealed class ProviderFaultTests(ProviderFaultTests.BothVersions shared) : IClassFixture<ProviderFaultTests.BothVersions>
{
    private const string ThreeChunks = "sim+chunks=3+prompt=10";

    private readonly TestGateway _gateway = shared.Gateway;

    [Theory]
    [InlineData("sim", 1, "estimated", 1)]
    [InlineData("sim", 2, "estimated", 2)]
    [InlineData("sim", 3, "estimated", 3)]
    [InlineData("h2", 1, "estimated", 1)]
    [InlineData("h2", 3, "estimated", 3)]
    public async Task Provider_ThatDiesAfterAnEvent_EndsTheStreamWithAnErrorEvent(string provider, int events, string source, long completion)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync($"{ThreeChunks}+cut={events}", stream: true, provider: provider);
        var text = await response.Content.ReadAsStringAsync();

        await ShouldEndWithErrorAsync(account, response, text, events, source, completion);
    }

    /// <summary>Only the usage and the end marker were missing.</summary>
    [Theory]
    [InlineData("sim", 4, "estimated")]
    [InlineData("sim", 5, "reported")]
    [InlineData("h2", 5, "reported")]
    public async Task Provider_ThatDiesAfterAWholeAnswer_HasAnswered(string provider, int events, string source)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync($"{ThreeChunks}+cut={events}", stream: true, provider: provider);
        var text = await response.Content.ReadAsStringAsync();

        Calls.Events(text).Should().HaveCount(4);
        text.Should().NotContain("error").And.NotContain("[DONE]", "no end is invented");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(
            new { Status = "completed", HttpStatus = 200, ErrorCode = (string?)null, UsageSource = source, CompletionTokens = 3 });
    }

    [Theory]
    [InlineData("sim")]
    [InlineData("h2")]
    public async Task Provider_ThatDiesBeforeTheFirstEvent_Answers502(string provider)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync($"{ThreeChunks}+cut=0", stream: true, provider: provider);

        await response.ShouldFailAsync(502, "upstream_error", "upstream_error");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", UsageSource = "none", Cost = "0", HttpStatus = 502 });
    }

    [Theory]
    [InlineData("errorafter=1", 1)]
    [InlineData("errorafter=3", 3)]
    [InlineData("malformed=3", 2)]
    [InlineData("nofinish=1", 3)]
    [InlineData("nofinish=1+usage=always", 3)]
    public async Task Provider_ThatGivesUpInMidStream_EndsItWithAnErrorEvent(string fault, int events)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync($"{ThreeChunks}+{fault}", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        await ShouldEndWithErrorAsync(account, response, text, events, "estimated", events);
    }

    [Fact]
    public async Task Provider_ThatDiesInsideAnEvent_LeavesTheCallersParserWhole()
    {
        var account = await _gateway.CreateAccountAsync();

        // The cut comes with the end of the connection, in the middle of the compressed or fragmented event.
        using var response = await account.ChatAsync($"{ThreeChunks}+cut=2+fragment=1", stream: true);
        var text = await response.Content.ReadAsStringAsync();

        text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(piece => piece.StartsWith("data: {") && piece.EndsWith('}'));
    }

    [Theory]
    [InlineData("big=3000000+cut=2000000")]
    [InlineData("big=3000000+cut=2999990")]
    [InlineData("big=3000000+jsonchunked=1+cut=2000000")]
    public async Task Provider_ThatDiesInALongJson_BreaksTheConnection(string fault)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+" + fault);
        var read = async () => await response.Content.ReadAsByteArrayAsync();

        await read.Should().ThrowAsync<HttpRequestException>("nobody may take a cut answer for a whole one");
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", ErrorCode = "upstream_error", UsageSource = "estimated" });
    }

    private static async Task ShouldEndWithErrorAsync(
        TestAccount account, HttpResponseMessage response, string text, int events, string source, long completion)
    {
        text.Should().NotContain("[DONE]").And.EndWith("}\n\n");
        var received = Calls.Events(text);
        received.Should().HaveCount(events + 1);
        ApiError.ReadEvent(received[^1], response).Should().BeEquivalentTo(new { Status = 200, Type = "upstream_error", Code = "upstream_error" });
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(
            new { Status = "failed", HttpStatus = 200, ErrorCode = "upstream_error", UsageSource = source, CompletionTokens = completion, Attempts = 1 });
        CallRecords.Nanos(record.Cost).Should().Be(record.ExpectedNanos);
    }

    public sealed class BothVersions() : SharedGateway(upstream =>
        Provider("h2", upstream.Http2BaseAddress, "Cluster:HttpRequest:Version=2", "Cluster:HttpRequest:VersionPolicy=RequestVersionExact"));
}
