using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Security;

/// <summary>What a caller can put on the wire that no HTTP library would.</summary>
public sealed partial class HostileCallerTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Smuggled = "GET /v1/smuggled HTTP/1.1\r\nHost: smuggled\r\nConnection: close\r\n\r\n";

    private TestGateway Gateway => shared.Gateway;

    [Fact]
    public async Task Request_WithLengthAndChunks_IsOneRequestAndTheConnectionEnds()
    {
        // RFC 9112, 6.3: whoever takes it goes by the chunks and closes, so that nothing behind the body is taken for a request.
        (await SendAsync("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + Smuggled)).Should().Equal(400);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")]
    [InlineData("Content-Length: 5, 6\r\n", "hello")]
    [InlineData("Content-Length: +5\r\n", "hello")]
    [InlineData("Content-Length: -1\r\n", "")]
    [InlineData("Content-Length: 0x5\r\n", "hello")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5 5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "-1\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\nhelloX0\r\n\r\n")]
    public async Task Framing_ThatCanBeReadInTwoWays_IsRefusedAndTheConnectionEnds(string headers, string body)
    {
        // None where the connection was reset before the answer was read: what is behind a bad frame is thrown away unread.
        (await SendAsync(headers, body + Smuggled)).Should().BeSubsetOf([400, 413, 501]).And.HaveCountLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData("X-A : b\r\n")]
    [InlineData(" X-A: b\r\n")]
    [InlineData("X-A: b\r\n folded\r\n")]
    [InlineData("X-\0A: b\r\n")]
    [InlineData("X-A: b\0c\r\n")]
    [InlineData("X-A: b\rc\r\n")]
    [InlineData("Host: second\r\n")]
    public async Task Header_ThatIsMalformed_IsRefused(string header) => (await SendAsync(header + "Content-Length: 0\r\n", "")).Should().Equal(400);

    [Fact]
    public async Task Headers_TooLargeOrTooMany_AreRefusedBeforeTheyAreRead()
    {
        (await SendAsync($"X-Large: {new string('a', 40 * 1024)}\r\n", "")).Should().BeSubsetOf([431]);
        (await SendAsync(string.Concat(Enumerable.Range(0, 101).Select(static i => $"X-{i}: b\r\n")), "")).Should().BeSubsetOf([431]);
        (await AnswersAsync($"POST /v1/{new string('a', 9 * 1024)} HTTP/1.1\r\nHost: gateway\r\n\r\n")).Should().BeSubsetOf([414]);
    }

    [Fact]
    public async Task Headers_ThatComeTooSlowly_EndTheConnection()
    {
        var clock = Stopwatch.StartNew();
        using var caller = await RawCaller.ConnectAsync(Gateway);
        await caller.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nX-Slow: ");

        await caller.ReadToEndAsync();

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(25));
        caller.Received.Should().StartWith("HTTP/1.1 408");
    }

    [Theory]
    [InlineData("/v1/../api/v1/accounts", 401)]
    [InlineData("/v1/%2e%2e/api/v1/accounts", 401)]
    [InlineData("/v1/..%2fapi/v1/accounts", 404)]
    [InlineData("/v1/..%5capi/v1/accounts", 404)]
    [InlineData("//v1/models", 404)]
    [InlineData("/V1/models", 404)]
    [InlineData("/v1/models;x=y", 404)]
    [InlineData("/v1%2fmodels", 404)]
    [InlineData("/api/v1//accounts", 401)]
    [InlineData("/API/V1/ACCOUNTS", 401)]
    [InlineData("/api/v1/accounts/", 401)]
    [InlineData("/api/v1/%61ccounts", 401)]
    [InlineData("/v1/models%00", 400)]
    [InlineData("http://elsewhere.example/api/v1/accounts", 400)]
    public async Task Path_WrittenInAnotherWay_OpensNothing(string path, int status)
    {
        var account = await Gateway.CreateAccountAsync();

        // With a caller's key: no way of writing a path makes it an administrator's.
        var answers = await AnswersAsync($"GET {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nConnection: close\r\n\r\n");

        answers.Should().Equal(status);
    }

    [Theory]
    [InlineData("sim:x\\r\\nX-Injected: yes")]
    [InlineData("nobody:x\\r\\nX-Injected: yes")]
    [InlineData("sim:x\\u0000\\u0085\\u2028X-Injected: yes")]
    public async Task Model_WithLineEnds_InjectsNothingAnywhere(string model)
    {
        var account = await Gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, $$"""{"model":"{{model}}","messages":[]}""");
        await caller.ReadUntilAsync("\r\n\r\n");

        caller.Received.Split("\r\n\r\n")[0].Should().NotContainEquivalentOf("\nx-injected");
        Gateway.Upstream.State.Requests.Should().NotContain(static request => request.Header("X-Injected") != null);
    }

    [Fact]
    public async Task KeyName_WithLineEnds_IsRefusedOrKeptInJsonAlone()
    {
        using var answer = await Gateway.Admin.PostAsync(
            new Uri("/api/v1/accounts", UriKind.Relative), new StringContent("""{"name":"a\r\nX-Injected: yes"}""", null, "application/json"));

        answer.Headers.Contains("X-Injected").Should().BeFalse();
        (await answer.Content.ReadAsStringAsync()).Should().NotContain("\r\nX-Injected");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity, gzip")]
    public async Task Body_ThatIsCompressed_IsRefusedUnopened(string encoding)
    {
        var account = await Gateway.CreateAccountAsync();
        using var answer = await account.PostAsync(Calls.ChatBody("x"), change: request => request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));

        ((int)answer.StatusCode).Should().Be(415);
    }

    /// <summary>Sends a call of somebody who may call.</summary>
    private async Task<int[]> SendAsync(string headers, string body)
    {
        var account = await Gateway.CreateAccountAsync();
        return await AnswersAsync($"POST {Calls.ChatPath} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {account.Key}\r\nContent-Type: application/json\r\n{headers}\r\n{body}");
    }

    /// <summary>The status of each answer on one connection, until the gateway closes it.</summary>
    private async Task<int[]> AnswersAsync(string text)
    {
        using var caller = await RawCaller.ConnectAsync(Gateway);
        try
        {
            await caller.SendAsync(text);
            await caller.ReadToEndAsync();
        }
        catch (SocketException)
        {
            // Reset, because the gateway left what it does not want to read.
        }

        return [.. StatusLine().Matches(caller.Received).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(@"^HTTP/1\.1 (\d{3})", RegexOptions.Multiline)]
    private static partial Regex StatusLine();
}
