using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MixGateway.Forwarding.Connections;

/// <summary>
/// Says which certificate came where which name was asked for. The HTTP client only says that the certificate is invalid, and the operator
/// has to know whether it is a wrong address, an intercepting proxy or an expired certificate.
/// </summary>
internal sealed partial class UpstreamCertificates(TimeProvider time, ILogger<UpstreamCertificates> logger)
{
    /// <summary>Every call would say the same.</summary>
    private static readonly TimeSpan BetweenLogs = TimeSpan.FromMinutes(1);

    /// <summary>Of a certificate that names hundreds of sites.</summary>
    private const int MostNames = 3;

    private readonly ConcurrentDictionary<string, long> _logged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _seen = new(StringComparer.Ordinal);

    /// <summary>The certificate that the provider showed last, in words; null if there was none.</summary>
    public string? Find(string provider) => _seen.GetValueOrDefault(provider);

    /// <summary>Leaves a configuration alone that accepts every certificate.</summary>
    public void Watch(string provider, SslClientAuthenticationOptions options) =>
        options.RemoteCertificateValidationCallback ??= (sender, certificate, chain, errors) =>
            errors == SslPolicyErrors.None ? Note(provider, certificate) : Refuse(provider, sender, certificate, chain, errors);

    private bool Note(string provider, X509Certificate? certificate)
    {
        _seen[provider] = certificate is null ? "none" : $"{certificate.Subject}, valid to {Day(certificate.GetExpirationDateString())}, issued by {certificate.Issuer}";
        return true;
    }

    private static string Day(string date) => DateTime.TryParse(date, CultureInfo.CurrentCulture, out var day) ? day.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : date;

    /// <exception cref="AuthenticationException">Always; its message is what the operator reads.</exception>
    private bool Refuse(string provider, object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var name = (sender as SslStream)?.TargetHostName ?? "";
        var message = Describe(name, certificate as X509Certificate2, chain, errors);
        var now = time.GetTimestamp();
        if (!_logged.TryGetValue(provider, out var last) || time.GetElapsedTime(last, now) > BetweenLogs)
        {
            _logged[provider] = now;
            Log.Refused(logger, provider, message);
        }

        throw new AuthenticationException(message);
    }

    internal static string Describe(string name, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return $"The TLS connection to {name} is refused: no certificate came.";
        }

        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())))
            .ToList();
        var listed = names.Count == 0 ? "none" : string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The TLS connection to {name} is refused: {Reasons(errors, chain)}. Certificate: subject {certificate.Subject}; DNS names {listed}; valid {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}; issuer {certificate.Issuer}.");
    }

    private static string Reasons(SslPolicyErrors errors, X509Chain? chain)
    {
        List<string> reasons = [];
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            reasons.Add("the certificate is for another name");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var status = chain is null ? "" : string.Join(", ", chain.ChainStatus.Select(static status => status.Status.ToString()).Distinct(StringComparer.Ordinal));
            reasons.Add(status.Length == 0 ? "the certificate is not trusted" : $"the certificate is not trusted ({status})");
        }

        return reasons.Count == 0 ? errors.ToString() : string.Join(" and ", reasons);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Provider {Provider}: {Reason}", EventName = "UpstreamCertificateRefused")]
        public static partial void Refused(ILogger logger, string provider, string reason);
    }
}
