using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using MixGateway.Catalog;

namespace MixGateway.Diagnostics;

/// <summary>
/// Takes whatever is, or looks like, a credential out of a line of the log: <c>[REDACTED length hash]</c>, so that two lines about the same one
/// can be told from two about different ones. The hash is the first eight digits of SHA-256.
/// </summary>
internal sealed partial class Redactor
{
    /// <summary>A shorter secret is part of too many words.</summary>
    private const int ShortestSecret = 8;

    /// <summary>What every shape begins with or holds: most lines have none of it, and cost one vectorised search.</summary>
    private static readonly SearchValues<string> Hints = SearchValues.Create(
        ["sk-", "sk_", "pk-", "pk_", "rk_", "ak-", "gsk_", "xai-", "hf_", "nvapi-", "pplx-", "fw_", "r8_", "tgp_", "mgt-", "whsec_", "AIza", "AKIA", "ASIA", "eyJ", "bearer ", "password", "secret", "api_key", "apikey", "api-key", "access_token", "://"],
        StringComparison.OrdinalIgnoreCase);

    private volatile Known _known = new([]);

    /// <summary>Learns the providers' credentials, now and at every change, and any others that are named.</summary>
    public IDisposable Watch(CatalogStore catalog, params string[] others) => ChangeToken.OnChange(() => Learn(catalog, others), static () => { });

    public string Redact(string line)
    {
        var known = _known;
        if (line.AsSpan().ContainsAny(known.Search))
        {
            foreach (var secret in known.Secrets)
            {
                line = line.Replace(secret, Mark(secret), StringComparison.Ordinal);
            }
        }

        return line.AsSpan().ContainsAny(Hints) ? Shapes().Replace(line, static match => match.Groups["before"].Value + Mark(match.Groups["value"].Value)) : line;
    }

    private static string Mark(string secret) => $"[REDACTED {secret.Length} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 4))}]";

    /// <returns>What fires at the next change.</returns>
    private IChangeToken Learn(CatalogStore catalog, string[] others)
    {
        var token = catalog.ChangeToken;
        _known = new Known(
        [
            .. catalog.Current.Providers.Values.SelectMany(static provider => provider.Secrets)
                .Concat(new[] { catalog.Current.Routes.Http?.Password, catalog.Current.Routes.Https?.Password }.OfType<string>())
                .Concat(others).Where(static secret => secret.Length >= ShortestSecret).Distinct().OrderByDescending(static secret => secret.Length),
        ]);
        return token;
    }

    /// <summary>A bearer token; user and password of an address; what is called a key, secret or password; and the prefixes that providers give their keys. Request ids and model names are none of these.</summary>
    [GeneratedRegex(
        @"(?<before>\bbearer\s+)(?<value>[^\s""',;<>\\\[]{4,})"
        + @"|(?<before>\b(?:api[-_ ]?key|secret|password|access[-_ ]?token)\\?[""']?\s*[:=]\s*\\?[""']?)(?<value>(?=[^\s""',;&\\]*[0-9])[^\s""',;&\\\[]{6,})"
        + @"|(?<before>://(?=[^\s/?#""'<>\\]*@))(?<value>[^\s/?#""'<>\\\[@][^\s/?#""'<>\\]*)(?=@)"
        + @"|(?<before>)\b(?<value>(?:sk|pk|rk|ak|gsk|xai|hf|nvapi|pplx|fw|r8|tgp|mgt|whsec)[-_](?=[A-Za-z_\-.*]*[0-9*])[A-Za-z0-9_\-.*]{6,}|AIza[A-Za-z0-9_\-*]{6,}|(?:AKIA|ASIA)[A-Z0-9*]{8,}|eyJ[A-Za-z0-9_\-]{8,}[A-Za-z0-9_\-.*]*)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Shapes();

    private sealed class Known(string[] secrets)
    {
        public string[] Secrets => secrets;

        public SearchValues<string> Search { get; } = SearchValues.Create(secrets, StringComparison.Ordinal);
    }
}
