using System.Globalization;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Console.Account;

/// <summary>What the form of a key sends: texts, as people type them.</summary>
public sealed class KeyInput
{
    private static readonly char[] Separators = ['\n', '\r', ',', ' ', '\t', '，', '、'];

    public string? Name { get; set; }

    /// <summary>The last day on which the key is taken, <c>2026-12-31</c>.</summary>
    public string? Expires { get; set; }

    public string? Models { get; set; }

    public string? RequestsPerMinute { get; set; }

    public string? TokensPerMinute { get; set; }

    public string? MaxConcurrent { get; set; }

    public string? SpendAmount { get; set; }

    public string? SpendPeriod { get; set; }

    public string? Addresses { get; set; }

    internal static KeyInput Of(Key key) => new()
    {
        Name = key.Name,
        Expires = key.ExpiresAt?.AddTicks(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Models = Lines(key.Models),
        RequestsPerMinute = Number(key.RequestsPerMinute),
        TokensPerMinute = Number(key.TokensPerMinute),
        MaxConcurrent = Number(key.MaxConcurrent),
        SpendAmount = key.SpendLimit?.Amount.ToString(),
        SpendPeriod = key.SpendLimit?.Period.ToString(),
        Addresses = Lines(key.AllowedAddresses),
    };

    /// <summary>The policy that was typed; what is no number or date is noted as an error, everything else is for the use case to judge.</summary>
    /// <param name="before">The key that is edited: an end that was not touched stays, to the millisecond.</param>
    internal KeyPolicy ToPolicy(FieldErrors errors, Key? before = null)
    {
        var expiresAt = before is not null && Of(before).Expires == Expires ? before.ExpiresAt : EndOf(Expires, errors);
        return new KeyPolicy(
            Name?.Trim(),
            expiresAt,
            List(Models),
            new LimitChanges(
                Count("requestsPerMinute", RequestsPerMinute, errors),
                Count("tokensPerMinute", TokensPerMinute, errors),
                Count("maxConcurrent", MaxConcurrent, errors),
                Limit(errors)),
            List(Addresses));
    }

    private SpendLimit? Limit(FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(SpendAmount))
        {
            return null;
        }

        if (Money.TryParse(SpendAmount.Trim(), out var amount) && Enum.TryParse<SpendLimitPeriod>(SpendPeriod, out var period))
        {
            return new SpendLimit(amount, period);
        }

        errors.Add("spendLimit.amount", "Not an amount.");
        return null;
    }

    private static DateTime? EndOf(string? day, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(day))
        {
            return null;
        }

        if (DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date < DateOnly.MaxValue)
        {
            return date.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        }

        errors.Add("expiresAt", "Not a day.");
        return null;
    }

    private static long? Count(string field, string? text, FieldErrors errors)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (long.TryParse(text.Trim(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var count))
        {
            return count;
        }

        errors.Add(field, "Not a whole number.");
        return null;
    }

    private static string[]? List(string? text) =>
        text?.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } list ? list : null;

    private static string? Lines(IReadOnlyList<string>? list) => list is null ? null : string.Join('\n', list);

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
