using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.Api;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>The OpenAPI document tells the truth and the whole of it.</summary>
public sealed partial class ApiDocumentTests(ApiDocumentTests.Gateway fixture) : IClassFixture<ApiDocumentTests.Gateway>
{
    [Fact]
    public void Routes_OfTheApi_AreAllInTheDocument()
    {
        var documented = Operations().Select(operation => $"{operation.Method} {operation.Path}");

        Endpoints().Select(endpoint => endpoint.Name).Should().BeEquivalentTo(documented);
    }

    [Fact]
    public void Routes_OfTheApi_AllNeedAScope() =>
        Endpoints().Where(endpoint => !Scopes.All.Contains(endpoint.Endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Scope ?? ""))
            .Select(endpoint => endpoint.Name).Should().BeEmpty("a named token can call only what names its scope: use Describe");

    [Fact]
    public void Operations_AllSayWhatTheyDoGiveAndRefuse()
    {
        foreach (var (method, path, operation) in Operations())
        {
            var name = $"{method} {path}";
            foreach (var member in new[] { "operationId", "summary", "description", "tags", "responses" })
            {
                operation.TryGetProperty(member, out _).Should().BeTrue("{0} has {1}", name, member);
            }

            var responses = operation.GetProperty("responses").EnumerateObject().Select(response => response.Name).ToList();
            responses.Should().Contain(["401", "403", "500", "503"], name);
            responses.Should().Contain(status => status.StartsWith('2'), name);
            operation.GetProperty("responses").GetProperty("401").GetProperty("content").EnumerateObject().Single().Name.Should().Be("application/problem+json");
            if (operation.TryGetProperty("parameters", out var parameters))
            {
                parameters.EnumerateArray().Should().OnlyContain(parameter => parameter.GetProperty("description").GetString()!.Length > 0, name);
            }
        }

        fixture.Document.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString().Should().Be("bearer");
        fixture.Document.GetProperty("security")[0].TryGetProperty("token", out _).Should().BeTrue();
    }

    [Fact]
    public async Task Examples_OfRequests_HoldEveryMemberAndAreTaken()
    {
        var account = await fixture.Server.CreateAccountAsync();
        using var client = new ManagementClient(fixture.Server.Address, TestGateway.AdminToken);
        var token = await client.PostAsync("/tokens", """{"name":"to be changed","scopes":["keys"]}""");
        foreach (var (method, path, operation) in Operations().Where(operation => operation.Value.TryGetProperty("requestBody", out _)))
        {
            var media = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
            var example = media.GetProperty("example");
            var id = path.Contains("/keys/", StringComparison.Ordinal) ? account.KeyId.ToString()
                : path.Contains("/tokens/", StringComparison.Ordinal) ? token.Id : account.Id.ToString();
            var answer = await client.SendAsync(
                new HttpMethod(method), path.Replace("{id}", id, StringComparison.Ordinal)[ApiPaths.Root.Length..],
                new StringContent(example.GetRawText(), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));

            answer.Status.Should().NotBe(HttpStatusCode.BadRequest, "{0} {1}: {2}", method, path, answer.Text);
            var known = Schema(media.GetProperty("schema")).GetProperty("properties").EnumerateObject().Select(member => member.Name).ToList();
            var wrong = string.Join(',', known.Select(member => $"\"{member}\":[[]]"));
            var refused = await client.SendAsync(
                new HttpMethod(method), path.Replace("{id}", id, StringComparison.Ordinal)[ApiPaths.Root.Length..],
                new StringContent($$"""{{{wrong}},"notAMember":1}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
            refused.ErrorFields.Should().Contain("notAMember", path);
            refused.Body.GetProperty("errors").EnumerateObject().Where(error => error.Name != "notAMember")
                .Should().OnlyContain(error => !error.Value[0].GetString()!.Contains("not a member"), "{0} {1} reads what its schema names", method, path);
        }
    }

    [Fact]
    public async Task Document_WithoutToken_IsShown()
    {
        using var answer = await fixture.Server.Client.GetAsync(ApiDocument.Path);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().StartWith("application/json");
        using var other = await fixture.Server.Client.GetAsync("/openapi/v2.json");
        other.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ReferencePage_LoadsNothingFromAnotherHost()
    {
        using var answer = await fixture.Server.Client.GetAsync(ApiReference.Path + "/");
        var page = await answer.Content.ReadAsStringAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        page.Should().NotMatchRegex("(src|href)=\"(https?:)?//");
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'").And.NotContain("http");
        var scripts = Source().Matches(page).Select(match => match.Groups[1].Value).ToList();
        scripts.Should().NotBeEmpty();
        foreach (var script in scripts)
        {
            using var asset = await fixture.Server.Client.GetAsync(new Uri(new Uri(fixture.Server.Address, ApiReference.Path + "/"), script));
            asset.StatusCode.Should().Be(HttpStatusCode.OK, script);
        }
    }

    private IEnumerable<(string Method, string Path, JsonElement Value)> Operations() =>
        fixture.Document.GetProperty("paths").EnumerateObject().SelectMany(path =>
            path.Value.EnumerateObject().Select(operation => (operation.Name.ToUpperInvariant(), path.Name, operation.Value)));

    private IEnumerable<(string Name, RouteEndpoint Endpoint)> Endpoints() =>
        fixture.Server.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => (Path: "/" + Constraint().Replace(endpoint.RoutePattern.RawText!, "}").Trim('/'), Endpoint: endpoint))
            .Where(route => route.Path.StartsWith(ApiPaths.Root + "/", StringComparison.Ordinal))
            .SelectMany(route => route.Endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => ($"{method} {route.Path}", route.Endpoint)));

    private JsonElement Schema(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? fixture.Document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    [GeneratedRegex(":[a-z]+}")]
    private static partial Regex Constraint();

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Source();

    /// <summary>One gateway for all of these tests, with its document.</summary>
    public sealed class Gateway : IAsyncLifetime
    {
        internal TestGateway Server { get; private set; } = null!;

        public JsonElement Document { get; private set; }

        public async Task InitializeAsync()
        {
            // Nothing listens there: whether a payment can begin is not what these tests ask.
            Server = await TestGateway.StartAsync(
                "Payments:Stripe:SecretKey=rk_test_0123456789", "Payments:Stripe:WebhookSecret=whsec_0123456789", "Payments:Stripe:ApiUrl=http://127.0.0.1:1",
                "Payments:ReturnUrl=https://gateway.example.com/dashboard/billing");
            Document = await Server.GetAsync(ApiDocument.Path);
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
