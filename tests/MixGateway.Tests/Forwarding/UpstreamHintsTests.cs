using System.Net;
using System.Text;
using MixGateway.Forwarding;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Forwarding;

public sealed class UpstreamHintsTests
{
    [Theory]
    [InlineData(301, "https://elsewhere.example/v1", "https://elsewhere.example/v1 (301)")]
    [InlineData(308, "https://user:geheim@elsewhere.example:8443/v1?key=geheim#geheim", "https://elsewhere.example:8443/v1 (308)")]
    [InlineData(302, "/login?ticket=geheim", "https://api.example.com/login (302)")]
    [InlineData(307, "//other.example/v1", "https://other.example/v1 (307)")]
    public void Redirect_IsShownWithoutSecrets(int status, string location, string shown) =>
        Describe(status, "", location).Should().StartWith($"The provider redirects to {shown}. ").And.NotContain("geheim");

    [Theory]
    [InlineData(200, "https://elsewhere.example/v1")]
    [InlineData(201, "https://elsewhere.example/v1")]
    [InlineData(404, "https://elsewhere.example/v1")]
    [InlineData(304, null)]
    public void Answer_ThatIsNoRedirect_HasNoHint(int status, string? location) => Describe(status, "", location).Should().BeNull();

    [Theory]
    [InlineData(400, "<html><head><title>400 No required SSL certificate was sent</title></head>", "The provider requires a client certificate. Set Providers:p:ClientCertificate:Path.")]
    [InlineData(400, "<html><head><title>400 The SSL certificate error</title></head>", "The provider does not accept the gateway's client certificate. Check Providers:p:ClientCertificate.")]
    [InlineData(400, "{\"error\":{\"message\":\"max_tokens is too large\"}}", null)]
    [InlineData(500, "No required SSL certificate was sent", null)]
    public void Page_AboutACertificate_IsTheOperators(int status, string page, string? hint) => Describe(status, page, null).Should().Be(hint);

    private static string? Describe(int status, string body, string? location)
    {
        using var answer = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = new HttpRequestMessage(HttpMethod.Post, "https://api.example.com/v1/chat/completions") };
        if (location is not null)
        {
            answer.Headers.Location = new Uri(location, UriKind.RelativeOrAbsolute);
        }

        return UpstreamHints.Describe(CatalogJson.Provider(""), answer, Encoding.UTF8.GetBytes(body));
    }
}
