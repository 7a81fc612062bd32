using System.Collections.Concurrent;
using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Connections;

/// <summary>One provider with one credential that speaks HTTP/1.1 and loses requests in the ways that real ones do.</summary>
public sealed class Http1LossTests
{
    private const string TooLarge = """{"error":{"message":"too large for me","type":"invalid_request_error","code":"too_large"}}""";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task KeptConnection_ThatClosesWithoutAByte_IsReplacedWithinTheAttempt(bool secured, bool closesAtOnce)
    {
        await using var provider = new Http1Provider(
            async exchange =>
            {
                if (exchange.OnConnection == 1)
                {
                    await exchange.RespondAsync();
                }
                else
                {
                    await exchange.ReadAsync();
                }

                if (closesAtOnce || exchange.OnConnection > 1)
                {
                    exchange.Close();
                }
            },
            secured ? TestCertificate.Create() : null);
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1", "ResendUnanswered=false"));
        var account = await gateway.CreateAccountAsync();

        for (var i = 0; i < 25; i++)
        {
            using var response = await account.ChatAsync($"call-{i}", provider: "h1");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        (await account.UsageAsync(25)).Select(CallRecord.Of).Should().HaveCount(25).And.OnlyContain(record => record.Attempts == 1);
    }

    [Theory]
    [InlineData(true, 2, 200)]
    [InlineData(false, 1, 502)]
    public async Task NewConnection_ThatIsLostBeforeAnAnswer_IsReplacedOnceUnlessTheSettingsSayNo(bool resends, int requests, int status)
    {
        await using var provider = new Http1Provider(async exchange =>
        {
            await exchange.ReadAsync();
            if (exchange.Number == 1)
            {
                exchange.Break();
                return;
            }

            await exchange.RespondAsync(200, Http1Exchange.Answer());
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1", $"ResendUnanswered={resends}"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h1");

        ((int)response.StatusCode).Should().Be(status);
        provider.Requests.Should().Be(requests);
        provider.Connections.Should().Be(requests);
        (await account.OnlyCallAsync()).Attempts.Should().Be(requests);
    }

    [Theory]
    [InlineData(413, 413, "too large for me", false)]
    [InlineData(413, 413, "too large for me", true)]
    [InlineData(400, 400, "too large for me", false)]
    [InlineData(401, 502, "upstream_error", false)]
    [InlineData(429, 429, "upstream_rate_limited", true)]
    public async Task Provider_ThatRefusesAndClosesBeforeItReadsTheBody_IsHeard(int refusal, int status, string words, bool secured)
    {
        await using var provider = new Http1Provider(
            async exchange =>
            {
                await exchange.ReadAsync(1000);
                await exchange.RespondAsync(refusal, TooLarge, "Connection: close\r\n");
                exchange.Close();
            },
            secured ? TestCertificate.Create() : null);
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1"));
        var account = await gateway.CreateAccountAsync();
        var member = $",\"user\":\"{new string('x', 2_000_000)}\"";

        for (var i = 0; i < 10; i++)
        {
            using var response = await account.ChatAsync("m", members: member, provider: "h1");
            var answer = await response.Content.ReadAsStringAsync();

            ((int)response.StatusCode).Should().Be(status, answer);
            answer.Should().Contain(words);
        }

        provider.Requests.Should().Be(10);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")]
    [InlineData("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")]
    public async Task Provider_WithInterimAnswers_IsHeardToTheEnd(string interim)
    {
        await using var provider = new Http1Provider(async exchange =>
        {
            await exchange.WriteAsync(interim);
            await exchange.RespondAsync();
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1"));
        var account = await gateway.CreateAccountAsync();

        for (var i = 0; i < 3; i++)
        {
            using var response = await account.ChatAsync("m", members: $",\"user\":\"{new string('x', 200_000)}\"", provider: "h1");
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        provider.Requests.Should().Be(3);
    }

    [Theory]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public async Task Answer_ThatBreaksOffBeforeTheCallerGotAnything_IsAskedForOnceMore(string answer)
    {
        await using var provider = new Http1Provider(async exchange =>
        {
            await exchange.ReadAsync();
            if (exchange.Number > 1)
            {
                await exchange.RespondAsync(200, Http1Exchange.Answer());
                return;
            }

            await exchange.WriteAsync(answer);
            exchange.Close();
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1"));
        var account = await gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("m", provider: "h1");

        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        (await account.OnlyCallAsync()).Attempts.Should().Be(2);
    }

    [Fact]
    public async Task Credentials_WhoseConnectionsAreLost_StayInUse()
    {
        var seen = new ConcurrentQueue<string>();
        await using var provider = new Http1Provider(async exchange =>
        {
            var body = await exchange.ReadAsync();
            if (body.Contains("\"lost\"", StringComparison.Ordinal))
            {
                exchange.Break();
                return;
            }

            await exchange.RespondAsync(200, Http1Exchange.Answer());
        });
        await using var gateway = await TestGateway.StartAsync(provider.Settings("h1", "ApiKeys:0=first-secret", "ApiKeys:1=second-secret"));
        var account = await gateway.CreateAccountAsync();

        using var lost = await account.ChatAsync("lost", provider: "h1");

        await lost.ShouldFailAsync(502, "upstream_error", "upstream_error");
        provider.Requests.Should().Be(2, "once more, with the other credential");
        var destinations = (await gateway.GetAsync("/api/v1/providers")).GetProperty("data").EnumerateArray().Single(static p => p.GetProperty("name").GetString() == "h1")
            .GetProperty("destinations").EnumerateArray().ToList();
        destinations.Should().OnlyContain(static destination => destination.GetProperty("health").GetString() != "unhealthy");
        destinations.Should().OnlyContain(static destination => destination.GetProperty("lastErrors").GetArrayLength() == 1);
    }

    [Fact]
    public async Task Models_OfAnAliasOfFour_AreAllAskedWhateverMaxAttemptsSays()
    {
        await using var gateway = await TestGateway.StartAsync(
            "Limits:MaxAttempts=3",
            "Aliases:four:0=sim:sim+error=500", "Aliases:four:1=sim:sim+error=503", "Aliases:four:2=sim:sim+error=429", "Aliases:four:3=sim:fourth",
            "Aliases:five:0=sim:sim+reset=1", "Aliases:five:1=sim:sim+cut=3", "Aliases:five:2=sim:sim+error=500", "Aliases:five:3=sim:sim+error=502", "Aliases:five:4=sim:fifth");
        var account = await gateway.CreateAccountAsync();

        using var four = await account.PostAsync("""{"model":"four","messages":[]}""");
        using var five = await account.PostAsync("""{"model":"five","messages":[]}""");

        four.StatusCode.Should().Be(HttpStatusCode.OK);
        five.StatusCode.Should().Be(HttpStatusCode.OK);
        (await account.UsageAsync()).Select(CallRecord.Of).Select(record => (record.Model, record.Attempts)).Should().BeEquivalentTo([("sim:fourth", 4), ("sim:fifth", 5)]);
    }
}
