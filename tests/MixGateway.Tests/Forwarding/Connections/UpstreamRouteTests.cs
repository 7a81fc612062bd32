using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using MixGateway.Catalog;
using MixGateway.Forwarding.Connections;

namespace MixGateway.Tests.Forwarding.Connections;

public sealed class UpstreamRouteTests
{
    private static readonly Uri Secured = new("https://api.example.com/v1/chat/completions");
    private static readonly Uri Plain = new("http://api.example.com/v1/chat/completions");

    [Theory]
    [InlineData(407, true, "does not accept its user and password (407)", true)]
    [InlineData(407, false, "requires a user and a password (407)", true)]
    [InlineData(403, true, "does not allow connections to api.example.com:443 (403)", true)]
    [InlineData(502, true, "cannot connect to api.example.com:443 (502)", false)]
    [InlineData(503, false, "cannot connect to api.example.com:443 (503)", false)]
    public void Tunnel_ThatAProxyRefuses_IsTheProxysFailure(int status, bool hasUser, string words, bool isLasting)
    {
        var found = Route(hasUser).Explain(
            new HttpRequestException(HttpRequestError.ProxyTunnelError, $"The proxy tunnel request to proxy 'http://proxy.corp:3128/' failed with status code '{status}'."), Secured);

        found.GetBaseException().Message.Should().Be($"The proxy http://proxy.corp:3128 {words}.{(status == 407 ? hasUser ? " Check User and Password of the proxy." : " Set User and Password of the proxy." : "")}".Replace("..", ".", StringComparison.Ordinal));
        UpstreamLoss.IsConnectFailure(found).Should().BeTrue();
        UpstreamLoss.IsLasting(found).Should().Be(isLasting);
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError)]
    [InlineData(HttpRequestError.NameResolutionError)]
    public void Proxy_ThatIsNotThere_IsNamed(HttpRequestError error)
    {
        var found = Route().Explain(new HttpRequestException(error, "Connection refused (proxy.corp:3128)", new InvalidOperationException("Connection refused")), Secured);

        (found.HttpRequestError, found.GetBaseException().Message).Should().Be((error, "The proxy http://proxy.corp:3128 cannot be reached: Connection refused"));
    }

    [Fact]
    public void Socks_ThatRefuses_IsTheProxysFailure()
    {
        var route = new UpstreamRoute("p", new OutgoingProxy(new Uri("socks5://proxy.corp:1080")), hasCertificate: false);

        route.Explain(new HttpRequestException(HttpRequestError.ProxyTunnelError, "x", new IOException("SOCKS server failed to authenticate the user.")), Secured).Message
            .Should().Be("The proxy socks5://proxy.corp:1080 cannot connect to api.example.com:443: SOCKS server failed to authenticate the user.");
    }

    [Theory]
    [InlineData(407, "application/json", true)]
    [InlineData(403, "text/html", true)]
    [InlineData(502, null, true)]
    [InlineData(504, "text/plain", true)]
    [InlineData(403, "application/json", false)]
    [InlineData(502, "application/problem+json", false)]
    [InlineData(500, "text/html", false)]
    [InlineData(404, "text/html", false)]
    [InlineData(200, "text/html", false)]
    public void Answer_WithoutATunnel_IsTheProxysOwnOrTheProviders(int status, string? type, bool isProxys)
    {
        using var answer = Answer(status, type);

        var check = () => Route().Check(answer, Plain);

        if (isProxys)
        {
            check.Should().Throw<HttpRequestException>().Which.Message.Should().StartWith("The proxy http://proxy.corp:3128 ").And.Contain($"({status})");
        }
        else
        {
            check().Should().BeSameAs(answer);
        }
    }

    /// <summary>Through a tunnel, and without a proxy, only the provider can have answered.</summary>
    [Fact]
    public void Answer_OfTheProviderAlone_IsLeftAlone()
    {
        using var answer = Answer(407, "text/html");

        Route().Check(answer, Secured).Should().BeSameAs(answer);
        UpstreamRoute.DirectTo("p").Check(answer, Plain).Should().BeSameAs(answer);
        new UpstreamRoute("p", new OutgoingProxy(new Uri("socks5://proxy.corp:1080")), hasCertificate: false).Check(answer, Plain).Should().BeSameAs(answer);
    }

    [Theory]
    [InlineData("error:0A00045C:SSL routines::tlsv13 alert certificate required", false, "The provider requires a client certificate, and none is configured (alert certificate required). Set Providers:p:ClientCertificate:Path.")]
    [InlineData("error:0A000410:SSL routines::sslv3 alert handshake failure", false, "The provider requires a client certificate, and none is configured (alert handshake failure). Set Providers:p:ClientCertificate:Path.")]
    [InlineData("error:0A000418:SSL routines::tlsv1 alert unknown ca", true, "The provider does not accept the gateway's client certificate (alert unknown ca). Check Providers:p:ClientCertificate.")]
    public void Alert_AboutTheClientsCertificate_IsToldInWords(string words, bool hasCertificate, string expected)
    {
        var exception = new HttpRequestException("An error occurred while sending the request.", new IOException("Decrypt failed", new InvalidOperationException(words)));

        var found = new UpstreamRoute("p", null, hasCertificate).Explain(exception, Secured);

        found.GetBaseException().Should().BeOfType<AuthenticationException>().Which.Message.Should().Be(expected);
        UpstreamLoss.IsConnectFailure(found).Should().BeTrue("the request was not processed");
        UpstreamLoss.IsLasting(found).Should().BeTrue();
    }

    /// <summary>Over HTTP/2 the client mostly reports a write that failed because it had closed the connection itself.</summary>
    [Fact]
    public void Alert_ThatTheClientDoesNotPassOn_IsTold()
    {
        var exception = new HttpRequestException("An error occurred", new IOException("An HTTP/2 connection could not be established because the server did not complete the HTTP/2 handshake.", new ObjectDisposedException("stream")));
        var route = UpstreamRoute.DirectTo("p");
        route.NoteBroken(new IOException("Decrypt failed", new InvalidOperationException("tlsv13 alert certificate required")));

        route.Explain(exception, Secured).Message.Should().Contain("(alert certificate required)");
        route.NoteBegun();
        route.Explain(exception, Secured).Should().BeSameAs(exception);
    }

    [Fact]
    public void Failure_OfAnyOtherKind_StaysAsItIs()
    {
        var exception = new HttpRequestException(HttpRequestError.ResponseEnded, "ended");

        Route().Explain(exception, Secured).Should().BeSameAs(exception);
        UpstreamRoute.DirectTo("p").Explain(exception, Secured).Should().BeSameAs(exception);
    }

    private static UpstreamRoute Route(bool hasUser = false) =>
        new("p", new OutgoingProxy(new Uri("http://proxy.corp:3128")) { User = hasUser ? "gate" : null, Password = "geheim" }, hasCertificate: false);

    private static HttpResponseMessage Answer(int status, string? type)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent([]) };
        answer.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return answer;
    }
}
