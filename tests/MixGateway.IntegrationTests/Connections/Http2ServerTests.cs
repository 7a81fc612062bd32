using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>What HTTP/2 allows a provider to do, and not every client expects.</summary>
public sealed class Http2ServerTests
{
    private const string TooLarge = """{"error":{"message":"too large for me","type":"invalid_request_error","code":"too_large"}}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Provider_WithFewStreamsAtOneTime_AnswersAllCalls(int streams)
    {
        await using var provider = new Http2Provider(static exchange => exchange.RespondAsync(), new Http2ProviderOptions { MaxConcurrentStreams = streams });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        await Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var response = await account.ChatAsync($"call-{i}", provider: "h2");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        });

        provider.Exchanges.Should().Be(100);
    }

    [Theory]
    [InlineData(413, 413, false)]
    [InlineData(400, 400, false)]
    [InlineData(413, 413, true)]
    public async Task Provider_ThatRefusesBeforeItReadsTheBody_IsHeard(int refusal, int status, bool resets)
    {
        await using var provider = new Http2Provider(
            async exchange =>
            {
                await exchange.RespondAsync(refusal, TooLarge);
                if (resets)
                {
                    await exchange.ResetAsync(0);
                }
            },
            new Http2ProviderOptions { InitialWindow = 1000, WindowStaysClosed = true, AnswersEarly = true });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", members: $",\"user\":\"{new string('x', 2_000_000)}\"", provider: "h2");
        var answer = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).Should().Be(status, answer);
        answer.Should().Contain("too large for me");
    }

    [Fact]
    public async Task Provider_WhoseWindowNeverOpens_IsGivenUpInTime()
    {
        await using var provider = new Http2Provider(static _ => Task.CompletedTask, new Http2ProviderOptions { InitialWindow = 100, WindowStaysClosed = true });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2", "FirstByteTimeout=00:00:01"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", members: $",\"user\":\"{new string('x', 100_000)}\"", provider: "h2");

        await response.ShouldFailAsync(504, "upstream_error", "upstream_timeout");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(103)]
    public async Task Provider_WithAnInterimAnswer_IsHeardToTheEnd(int interim)
    {
        await using var provider = new Http2Provider(async exchange =>
        {
            await exchange.HeadersAsync(interim, "");
            await exchange.RespondAsync();
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h2");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await account.OnlyCallAsync()).Attempts.Should().Be(1);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public async Task Body_OfAnyLength_ArrivesAsItWasSentButForTheModel(int length)
    {
        await using var provider = new Http2Provider(static exchange => exchange.RespondAsync());
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h2"));
        var account = await gateway.CreateAccountAsync();
        var body = $$"""{ "user":"{{new string('é', length)}}","messages":[{"role":"user","content":"é \u00e9"}],"model" : "h2:m/1","seed":1e5 }""";

        using var response = await account.PostAsync(body);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        provider.Bodies.Should().ContainSingle().Which.Should().Be(body.Replace("h2:m/1", "m/1", StringComparison.Ordinal));
    }
}
