using System.Net;
using MixGateway.Administration;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

public sealed class WrongTokenTests
{
    [Fact]
    public async Task Address_ThatGuessesTokens_GetsAPauseAndItsOwnTokensGoOn()
    {
        await using var gateway = await TestGateway.StartAsync("Management:WrongTokensPerMinute=4");
        await gateway.GetAsync("/api/v1/accounts");

        List<HttpStatusCode> statuses = [];
        for (var i = 0; i < 10; i++)
        {
            using var guess = gateway.NewClient(AdminToken.NewSecret());
            using var answer = await guess.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative));
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                answer.Headers.RetryAfter!.Delta.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
                answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
            }
        }

        statuses.Should().Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 4), .. Enumerable.Repeat(HttpStatusCode.TooManyRequests, 6)]);
        using var own = await gateway.Admin.GetAsync(new Uri("/api/v1/accounts", UriKind.Relative));
        own.StatusCode.Should().Be(HttpStatusCode.OK, "a token that was right before is no guess");
    }

    [Fact]
    public async Task Setting_BelowOne_IsRefusedAtTheStart() =>
        (await FluentActions.Awaiting(() => TestGateway.StartAsync("Management:WrongTokensPerMinute=0")).Should().ThrowAsync<Exception>())
            .Which.Message.Should().Contain("Management:WrongTokensPerMinute");
}
