using System.Net;
using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>What the operator is told of an answer that says by its status or its page that the way to the provider is not set up right.</summary>
internal static class UpstreamHints
{
    /// <summary>nginx takes the connection without a client certificate, or with one that it does not accept, and then answers 400 with a page.</summary>
    private static ReadOnlySpan<byte> CertificateMissing => "No required SSL certificate was sent"u8;

    private static ReadOnlySpan<byte> CertificateRefused => "The SSL certificate error"u8;

    /// <returns>Null where there is nothing to tell.</returns>
    public static string? Describe(Provider provider, HttpResponseMessage answer, ReadOnlySpan<byte> body) =>
        Redirect(answer) ?? (answer.StatusCode == HttpStatusCode.BadRequest ? Certificate(provider, body) : null);

    /// <summary>Redirects are never followed: they would take a request and its credential elsewhere.</summary>
    private static string? Redirect(HttpResponseMessage answer)
    {
        if (answer.StatusCode is < HttpStatusCode.MultipleChoices or >= HttpStatusCode.BadRequest || answer.Headers.Location is not { } location)
        {
            return null;
        }

        return $"The provider redirects to {Show(location, answer.RequestMessage?.RequestUri)} ({(int)answer.StatusCode}). Redirects are not followed. If you trust that address, set BaseUrl to it.";
    }

    private static string? Certificate(Provider provider, ReadOnlySpan<byte> page)
    {
        var setting = $"Providers:{provider.Name}:{ClientCertificateFile.Section}";
        return page.IndexOf(CertificateMissing) >= 0 ? $"The provider requires a client certificate. Set {setting}:{nameof(ClientCertificateFile.Path)}."
            : page.IndexOf(CertificateRefused) >= 0 ? $"The provider does not accept the gateway's client certificate. Check {setting}."
            : null;
    }

    /// <summary>Without user, query and fragment, any of which may be a secret.</summary>
    private static string Show(Uri location, Uri? from)
    {
        var target = location.IsAbsoluteUri ? location : from is not null && Uri.TryCreate(from, location, out var absolute) ? absolute : null;
        return target is null ? "an address that cannot be read" : target.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }
}
