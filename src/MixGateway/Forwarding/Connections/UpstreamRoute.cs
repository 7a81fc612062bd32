using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using MixGateway.Catalog;

namespace MixGateway.Forwarding.Connections;

/// <summary>
/// The way to a provider: through a proxy or not, with a client certificate or not. It says in the operator's words where the way ended, and
/// tells what a proxy answers from what the provider answers.
/// </summary>
internal sealed partial class UpstreamRoute(string provider, OutgoingProxy? proxy, bool hasCertificate)
{
    /// <summary>The provider's alert about the client's certificate on the last connection that began; null where there was none.</summary>
    private volatile string? _alert;

    /// <summary>No proxy and no certificate.</summary>
    public static UpstreamRoute DirectTo(string provider) => new(provider, null, hasCertificate: false);

    /// <summary>A connection brought something.</summary>
    public void NoteBegun() => _alert = null;

    /// <summary>A connection ended before it brought anything.</summary>
    public void NoteBroken(IOException exception) => _alert = FindAlert(exception);

    /// <returns>The same exception where there is nothing to add.</returns>
    public HttpRequestException Explain(HttpRequestException exception, Uri? target)
    {
        if ((FindAlert(exception) ?? (IsHttp2Handshake(exception) ? _alert : null)) is { } alert)
        {
            var message = Explain(alert);
            return new HttpRequestException(HttpRequestError.SecureConnectionError, message, new AuthenticationException(message));
        }

        return proxy is null ? exception : exception.HttpRequestError switch
        {
            HttpRequestError.ProxyTunnelError => OfProxy(StatusIn(exception.Message), target, exception),
            HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError => new HttpRequestException(
                exception.HttpRequestError, $"The proxy {proxy} cannot be reached: {exception.GetBaseException().Message}"),
            _ => exception,
        };
    }

    /// <summary>
    /// Over <c>http</c> a proxy passes requests on without a tunnel, and its own errors look like the provider's: 407 is always the proxy's, and a page or
    /// plain words instead of JSON come from a provider hardly ever.
    /// </summary>
    /// <exception cref="HttpRequestException">The answer is the proxy's own.</exception>
    public HttpResponseMessage Check(HttpResponseMessage answer, Uri? target)
    {
        if (proxy is null || target?.Scheme != Uri.UriSchemeHttp || !proxy.Address.Scheme.StartsWith(Uri.UriSchemeHttp, StringComparison.Ordinal) || !IsOwn(answer))
        {
            return answer;
        }

        using (answer)
        {
            throw OfProxy(answer.StatusCode, target, null);
        }
    }

    private static bool IsOwn(HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.ProxyAuthenticationRequired => true,
        HttpStatusCode.Forbidden or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            answer.Content.Headers.ContentType?.MediaType is not { } type || !type.EndsWith("json", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private HttpRequestException OfProxy(HttpStatusCode? status, Uri? target, Exception? cause)
    {
        var where = target is null ? provider : $"{target.Host}:{target.Port.ToString(CultureInfo.InvariantCulture)}";
        var message = status switch
        {
            HttpStatusCode.ProxyAuthenticationRequired when proxy!.User is null => $"The proxy {proxy} requires a user and a password (407). Set User and Password of the proxy.",
            HttpStatusCode.ProxyAuthenticationRequired => $"The proxy {proxy} does not accept its user and password (407). Check User and Password of the proxy.",
            HttpStatusCode.Forbidden => $"The proxy {proxy} does not allow connections to {where} (403).",
            { } other => $"The proxy {proxy} cannot connect to {where} ({((int)other).ToString(CultureInfo.InvariantCulture)}).",
            null => $"The proxy {proxy} cannot connect to {where}: {cause?.GetBaseException().Message}",
        };
        return new HttpRequestException(HttpRequestError.ProxyTunnelError, message, null, status);
    }

    private string Explain(string alert)
    {
        var setting = $"Providers:{provider}:{ClientCertificateFile.Section}";
        return hasCertificate
            ? $"The provider does not accept the gateway's client certificate ({alert}). Check {setting}."
            : $"The provider requires a client certificate, and none is configured ({alert}). Set {setting}:{nameof(ClientCertificateFile.Path)}.";
    }

    /// <summary>What a server says about the client's certificate. With TLS 1.3 it says so after the handshake, when the request is under way.</summary>
    private static string? FindAlert(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (CertificateAlert().Match(exception.Message) is { Success: true } found)
            {
                return found.Value;
            }
        }

        return null;
    }

    /// <summary>The client ends both directions and then reports either of them: mostly the one that says nothing.</summary>
    private static bool IsHttp2Handshake(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception.Message.Contains("did not complete the HTTP/2 handshake", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static HttpStatusCode? StatusIn(string message) =>
        QuotedStatus().Match(message) is { Success: true } found ? (HttpStatusCode)int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("alert (?:certificate required|bad certificate|unknown ca|certificate unknown|certificate expired|certificate revoked|unsupported certificate|access denied|handshake failure)", RegexOptions.CultureInvariant)]
    private static partial Regex CertificateAlert();

    /// <summary>The HTTP client says the status in words alone.</summary>
    [GeneratedRegex("status code '([0-9]{3})'", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedStatus();
}
