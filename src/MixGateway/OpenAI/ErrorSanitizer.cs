using System.Text.RegularExpressions;

namespace MixGateway.OpenAI;

/// <summary>
/// Makes a provider's words fit for a caller's eyes: no credential, the model under the name that the caller used, a bounded length.
/// Better one harmless id too many removed than one key shown.
/// </summary>
internal static partial class ErrorSanitizer
{
    /// <summary>Characters that are kept of a message.</summary>
    public const int MaxMessageLength = 2000;

    private const int MaxReadLength = 8192;
    private const int MaxFieldLength = 128;
    private const int MinSecretLength = 6;
    private const string Removed = "[REDACTED]";

    /// <param name="secret">The credential that was sent to the provider.</param>
    /// <param name="upstreamModel">The provider's own model id.</param>
    /// <param name="canonicalModel">What the caller knows the model as.</param>
    public static ProviderError Clean(ProviderError error, string? secret, string upstreamModel, string canonicalModel) =>
        new(
            error.Message is null ? null : Clean(error.Message, secret, upstreamModel, canonicalModel),
            CleanField(error.Type, secret),
            CleanField(error.Param, secret),
            CleanField(error.Code, secret));

    /// <inheritdoc cref="Clean(ProviderError, string?, string, string)"/>
    public static string Clean(string message, string? secret, string upstreamModel, string canonicalModel)
    {
        var text = Redact(message.Length > MaxReadLength ? message[..MaxReadLength] : message, secret);
        text = Rename(text, upstreamModel, canonicalModel);
        return text.Length <= MaxMessageLength ? text : string.Concat(text.AsSpan(0, MaxMessageLength), "…");
    }

    private static string? CleanField(string? field, string? secret)
    {
        if (field is null)
        {
            return null;
        }

        var text = Redact(field.Length > MaxFieldLength ? field[..MaxFieldLength] : field, secret);
        return text.Length == 0 ? null : text;
    }

    private static string Redact(string text, string? secret)
    {
        if (secret is { Length: >= MinSecretLength })
        {
            text = text.Replace(secret, Removed, StringComparison.Ordinal);
        }

        text = UserInfo().Replace(text, Removed);
        text = BearerToken().Replace(text, "$1" + Removed);
        text = NamedKey().Replace(text, "$1" + Removed);
        text = PrefixedKey().Replace(text, Removed);
        text = UuidKey().Replace(text, Removed);
        return LongKey().Replace(text, Removed);
    }

    /// <summary>Replaces the id where it stands alone: not "o1" in "o1-mini", nor where the provider's name is already before it.</summary>
    private static string Rename(string text, string from, string to)
    {
        if (from.Length == 0 || from.Equals(to, StringComparison.Ordinal))
        {
            return text;
        }

        for (var at = text.IndexOf(from, StringComparison.Ordinal); at >= 0 && at < text.Length;)
        {
            var after = at + from.Length;
            var alone = (at == 0 || !IsPartOfId(text[at - 1])) && !Continues(text, after);
            if (alone)
            {
                text = string.Concat(text.AsSpan(0, at), to, text.AsSpan(after));
                after = at + to.Length;
            }

            at = text.IndexOf(from, after, StringComparison.Ordinal);
        }

        return text;
    }

    private static bool Continues(string text, int at) =>
        at < text.Length
        && (char.IsLetterOrDigit(text[at])
            || (text[at] is '-' or '_' or '.' or ':' or '/' or '@' && at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1])));

    private static bool IsPartOfId(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/' or '@';

    /// <summary>User and password of an address.</summary>
    [GeneratedRegex(@"(?<=://)[^\s/?#""'<>\\@]+(?:@[^\s/?#""'<>\\@]+)*(?=@)", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(Bearer\s+)[^\s""',;<>]{4,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BearerToken();

    /// <summary>What is called a key and has a digit, which words do not.</summary>
    [GeneratedRegex(@"\b((?:api[-_ ]?key|secret|password|access[-_ ]?token)[""']?\s*[:=]\s*[""']?)(?=[^\s""',;&]*[0-9])[^\s""',;&]{6,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamedKey();

    /// <summary>Prefixes that providers give their keys; a key shown in part, with asterisks, goes too.</summary>
    [GeneratedRegex(@"\b(?:(?:sk|pk|rk|ak|gsk|xai|hf|nvapi|pplx|fw|r8|tgp)[-_][A-Za-z0-9_\-.*]{6,}|AIza[A-Za-z0-9_\-*]{6,}|(?:AKIA|ASIA)[A-Z0-9*]{8,}|eyJ[A-Za-z0-9_\-]{8,}[A-Za-z0-9_\-.*]*)", RegexOptions.CultureInvariant)]
    private static partial Regex PrefixedKey();

    /// <summary>Some providers' keys are UUIDs, and a request id is no loss.</summary>
    [GeneratedRegex(@"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", RegexOptions.CultureInvariant)]
    private static partial Regex UuidKey();

    /// <summary>A long run with both digits and letters; words and parameter names have no digits, model ids have hyphens and dots.</summary>
    [GeneratedRegex(@"(?<![A-Za-z0-9_+=])(?=[A-Za-z_+=]*[0-9])(?=[0-9_+=]*[A-Za-z])[A-Za-z0-9_+=]{20,}", RegexOptions.CultureInvariant)]
    private static partial Regex LongKey();
}
