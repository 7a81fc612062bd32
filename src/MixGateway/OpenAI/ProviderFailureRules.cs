using System.Collections.Frozen;
using System.Globalization;

namespace MixGateway.OpenAI;

/// <summary>
/// Judges what a provider's error is about, from its HTTP status and from its own words. Codes and types decide first; of a message only
/// the beginning is looked at, because what follows may quote the caller, who must not be able to rest the gateway's credentials.
/// </summary>
internal static class ProviderFailureRules
{
    /// <summary>Characters of a message in which the words about keys and balances are looked for.</summary>
    private const int MessageStart = 64;

    private static readonly FrozenSet<string> CredentialCodes = Words(
        "invalid_api_key", "api_key_invalid", "invalid_authentication", "authentication_error", "invalid_authentication_error", "unauthenticated",
        "unauthorized", "account_deactivated", "invalid_iam_token", "incorrect_api_key_error", "invalid_api_key_error", "api_key_expired",
        "permission_denied", "access_denied", "accessdenied", "invalidapikey", "authenticationerror", "1004", "2049");

    private static readonly FrozenSet<string> QuotaCodes = Words(
        "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error", "insufficient_balance", "insufficient_credits",
        "exceeded_current_quota_error", "insufficient_user_quota", "quota_exceeded", "payment_required", "arrearage", "credit_balance_too_low", "1008", "1113");

    private static readonly FrozenSet<string> RateCodes = Words(
        "rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "too_many_requests", "resource_exhausted", "throttling",
        "throttlingexception", "throttling.ratequota", "requests_limit_exceeded", "1002");

    private static readonly FrozenSet<string> CallerCodes = Words(
        "invalid_request_error", "invalid_request", "badrequesterror", "bad_request", "bad_request_error", "invalid_argument", "invalid_parameter",
        "invalidparameter", "invalid_parameter_error", "validation_error", "context_length_exceeded", "string_above_max_length", "invalid_prompt",
        "content_filter", "content_policy_violation", "data_inspection_failed", "datainspectionfailed", "responsibleaipolicyviolation",
        "unsupported_parameter", "unsupported_value", "unknown_parameter", "missing_required_parameter", "invalid_value", "invalid_type",
        "model_not_found", "not_found_error", "request_too_large", "invalid_image", "invalid_image_format", "image_parse_error",
        "1026", "1027", "1039", "2013");

    private static readonly string[] CredentialWords =
        ["api key not valid", "api key expired", "api key is invalid", "incorrect api key", "invalid api key", "invalid x-api-key", "authentication fails", "invalid authentication", "no auth credentials", "unauthorized"];

    private static readonly string[] QuotaWords =
        ["credit balance is too low", "insufficient balance", "insufficient account balance", "insufficient credit", "exceeded your current quota", "exceeded_current_quota", "account is in arrears", "account is not active", "out of credits", "余额不足", "欠费"];

    private static readonly string[] ContextWords =
        ["prompt is too long", "maximum context length", "context length", "context window", "input is too long", "too many tokens in"];

    /// <summary>Judges an error body.</summary>
    /// <param name="httpStatus">The answer's status if it is no success; null for an error inside a 200, of which the error's own code is the status.</param>
    public static ProviderFailureKind Judge(int? httpStatus, ProviderError? error)
    {
        var status = httpStatus ?? StatusOf(error);
        if (error is not null && IsAboutTheGateway(status, error, out var kind))
        {
            return kind;
        }

        return status switch
        {
            401 or 402 or 403 => ProviderFailureKind.Credential,
            429 => ProviderFailureKind.RateLimited,
            400 or 404 or 413 or 422 => ProviderFailureKind.CallersMistake,
            > 0 => ProviderFailureKind.Failed,
            _ => JudgeWords(error),
        };
    }

    /// <summary>The HTTP status that an error inside a 200 names as its code; 0 if it names none.</summary>
    public static int StatusOf(ProviderError? error) =>
        error?.Code is { } code && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599 ? status : 0;

    private static bool IsAboutTheGateway(int status, ProviderError error, out ProviderFailureKind kind)
    {
        kind = ProviderFailureKind.Quota;
        if (status is 0 or 400 or 402 or 403 or 429 && (Has(QuotaCodes, error) || Begins(error, QuotaWords)))
        {
            return true;
        }

        kind = ProviderFailureKind.Credential;
        return status is 0 or 400 && (Has(CredentialCodes, error) || Begins(error, CredentialWords));
    }

    private static ProviderFailureKind JudgeWords(ProviderError? error)
    {
        if (error is null)
        {
            return ProviderFailureKind.Failed;
        }

        return Has(RateCodes, error) ? ProviderFailureKind.RateLimited
            : Has(CallerCodes, error) || Contains(error.Message, ContextWords) ? ProviderFailureKind.CallersMistake
            : ProviderFailureKind.Failed;
    }

    private static bool Has(FrozenSet<string> codes, ProviderError error) =>
        (error.Code is { } code && codes.Contains(code)) || (error.Type is { } type && codes.Contains(type)) || (error.Reason is { } reason && codes.Contains(reason));

    /// <summary>A quotation mark ends what is looked at: what it encloses may be the caller's.</summary>
    private static bool Begins(ProviderError error, string[] words)
    {
        if (error.Message is not { } message || error.Param is not null)
        {
            return false;
        }

        var start = message.AsSpan(0, Math.Min(message.Length, MessageStart));
        var quote = start.IndexOfAny('\'', '"', '`');
        return Contains((quote < 0 ? start : start[..quote]).ToString(), words);
    }

    private static bool Contains(string? text, string[] words)
    {
        foreach (var word in words)
        {
            if (text is not null && text.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static FrozenSet<string> Words(params string[] words) => words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
