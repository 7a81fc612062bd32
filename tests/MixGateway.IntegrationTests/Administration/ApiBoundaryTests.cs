using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace MixGateway.IntegrationTests.Administration;

public sealed class ApiBoundaryTests(SqliteManagementHost host) : IClassFixture<SqliteManagementHost>
{
    [Theory]
    [InlineData("GET", "/accounts")]
    [InlineData("POST", "/accounts")]
    [InlineData("DELETE", "/keys/0193a000-0000-7000-8000-000000000000")]
    [InlineData("GET", "/nothing/here")]
    [InlineData("PUT", "/accounts")]
    public async Task AnyCall_WithoutToken_IsUnauthorized(string method, string path)
    {
        using var client = new ManagementClient(host.Address, null);

        var answer = await client.SendAsync(new HttpMethod(method), path, null);

        answer.Status.Should().Be(HttpStatusCode.Unauthorized);
        answer.MediaType.Should().Be("application/problem+json");
        answer.Headers.WwwAuthenticate.Should().ContainSingle(challenge => challenge.Scheme == "Bearer");
        answer["requestId"].Should().NotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer " + ManagementHost.AdminToken + "x")]
    [InlineData("Bearer x" + ManagementHost.AdminToken)]
    [InlineData("Basic " + ManagementHost.AdminToken)]
    [InlineData(ManagementHost.AdminToken)]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    public async Task AnyCall_WithAnotherToken_IsUnauthorized(string authorization)
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);

        (await client.GetAsync("/api/v1/accounts")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("/API/V1/accounts")]
    [InlineData("/api/v1/accounts/")]
    [InlineData("/api//v1/accounts")]
    [InlineData("//api/v1/accounts")]
    [InlineData("/api/v1/../v1/accounts")]
    [InlineData("/api/%76%31/accounts")]
    [InlineData("/api%2fv1/accounts")]
    public async Task Path_WrittenInAnotherWay_DoesNotPassTheToken(string path)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        var status = await reader.ReadLineAsync();

        status.Should().MatchRegex("^HTTP/1.1 (401|404) ");
        (await reader.ReadToEndAsync()).Should().NotContain("\"data\"");
    }

    [Fact]
    public async Task Scheme_InLowerCase_IsTaken()
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"bearer {ManagementHost.AdminToken}");

        (await client.GetAsync("/api/v1/accounts")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/nothing")]
    [InlineData("/accounts/not-an-id")]
    [InlineData("/usage/not-an-id")]
    public async Task UnknownPath_IsNotFoundAsProblem(string path)
    {
        var answer = await host.Client.GetAsync(path);

        answer.Status.Should().Be(HttpStatusCode.NotFound);
        answer.MediaType.Should().Be("application/problem+json");
        (answer["status"], answer["requestId"]).Should().Match<(string? Status, string? Id)>(problem => problem.Status == "404" && problem.Id!.Length > 0);
        answer["detail"].Should().NotBeNullOrEmpty();
        answer["title"].Should().NotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("PUT", "/accounts", "GET", "POST")]
    [InlineData("DELETE", "/accounts/0193a000-0000-7000-8000-000000000000", "GET", "PATCH")]
    [InlineData("PUT", "/keys/0193a000-0000-7000-8000-000000000000", "DELETE", "GET", "PATCH")]
    public async Task WrongMethod_NamesTheRightOnes(string method, string path, params string[] allowed)
    {
        var answer = await host.Client.SendAsync(new HttpMethod(method), path, null);

        answer.Status.Should().Be(HttpStatusCode.MethodNotAllowed);
        answer.MediaType.Should().Be("application/problem+json");
        answer.ContentHeaders.Allow.Should().BeEquivalentTo(allowed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"name":"x",}""")]
    [InlineData("""{"name":"x"} {}""")]
    [InlineData("""{'name':'x'}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"name\"")]
    public async Task Body_ThatIsNoJsonObject_IsRefusedWithoutTheParsersWords(string body)
    {
        var answer = await host.Client.PostAsync("/accounts", body);

        answer.Status.Should().Be(HttpStatusCode.BadRequest);
        answer.MediaType.Should().Be("application/problem+json");
        answer.Text.Should().NotContainAny("Exception", "LineNumber", "BytePosition", "System.");
    }

    [Fact]
    public async Task Body_WithBytesThatAreNoUtf8_IsRefused()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xFF, 0xFE, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        (await host.Client.SendAsync(HttpMethod.Post, "/accounts", content)).Status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Body_TooDeep_IsRefused() =>
        (await host.Client.PostAsync("/accounts", $$"""{"name":{{new string('[', 5000)}}{{new string(']', 5000)}}}""")).Status.Should().Be(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_TooLong_IsRefused(bool lengthIsKnown)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"name":"{{new string('x', 70_000)}}"}""");
        using HttpContent content = lengthIsKnown ? new ByteArrayContent(bytes) : new StreamContent(new UnseekableStream(bytes));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        var answer = await host.Client.SendAsync(HttpMethod.Post, "/accounts", content);

        answer.Status.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        answer.MediaType.Should().Be("application/problem+json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Body_OfAnotherMediaType_IsRefused(string? mediaType)
    {
        using var content = new ByteArrayContent("{\"name\":\"x\"}"u8.ToArray());
        content.Headers.ContentType = mediaType is null ? null : new MediaTypeHeaderValue(mediaType);

        var answer = await host.Client.SendAsync(HttpMethod.Post, "/accounts", content);

        answer.Status.Should().Be(HttpStatusCode.UnsupportedMediaType);
        answer.MediaType.Should().Be("application/problem+json");
    }

    [Fact]
    public async Task Body_ThatIsCompressed_IsRefusedUnopened()
    {
        using var content = new ByteArrayContent("{\"name\":\"x\"}"u8.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");

        (await host.Client.SendAsync(HttpMethod.Post, "/accounts", content)).Status.Should().Be(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Problem_OfValidation_HasTheMembersOfRfc9457()
    {
        var answer = await host.Client.PostAsync("/accounts", "{}");

        (answer["status"], answer["title"]).Should().Be(("400", "Bad Request"));
        answer.Body.GetProperty("errors").GetProperty("name")[0].GetString().Should().NotBeNullOrEmpty();
        answer["requestId"].Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task PathOutsideOfTheApi_IsLeftAlone()
    {
        using var client = new HttpClient { BaseAddress = host.Address };

        var answer = await client.GetAsync("/api/v10/accounts");

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType.Should().BeNull();
    }

    /// <summary>Sent in chunks, because its length cannot be asked for.</summary>
    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

public sealed class AdminTokenTests(TokenlessManagementHost host) : IClassFixture<TokenlessManagementHost>
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("anything at all")]
    public async Task AnyCall_WhenNoTokenIsConfigured_SaysWhatToSet(string? token)
    {
        using var client = new ManagementClient(host.Address, token);

        var answer = await client.GetAsync("/accounts");

        answer.Status.Should().Be(HttpStatusCode.Unauthorized);
        answer["detail"].Should().Contain("Bootstrap:AdminToken is not set");
    }
}
