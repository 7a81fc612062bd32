using System.Net;

namespace MixGateway.IntegrationTests.Console;

/// <summary>
/// Cookies and redirects as browsers have them: a cookie that is for TLS alone is sent to this machine without TLS as well, which .NET's own container
/// does not do, and a gateway behind a proxy with TLS sends no other ones.
/// </summary>
internal sealed class BrowserHandler(CookieContainer cookies) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
{
    private const int MostRedirects = 10;

    public bool FollowsRedirects { get; init; } = true;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await SendOnceAsync(request, cancellationToken);
        for (var redirects = 0; FollowsRedirects && redirects < MostRedirects && response.Headers.Location is { } location; redirects++)
        {
            using var last = response;
            var next = new HttpRequestMessage(HttpMethod.Get, new Uri(last.RequestMessage!.RequestUri!, location));
            foreach (var (name, values) in request.Headers.Where(static header => header.Key is not "Cookie" and not "Origin"))
            {
                next.Headers.TryAddWithoutValidation(name, values);
            }

            response = await SendOnceAsync(next, cancellationToken);
        }

        return response;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var secured = new UriBuilder(request.RequestUri!) { Scheme = Uri.UriSchemeHttps }.Uri;
        if (cookies.GetCookieHeader(secured) is { Length: > 0 } header)
        {
            request.Headers.TryAddWithoutValidation("Cookie", header);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (response.Headers.TryGetValues("Set-Cookie", out var set))
        {
            foreach (var cookie in set)
            {
                cookies.SetCookies(secured, cookie);
            }
        }

        return response;
    }
}
