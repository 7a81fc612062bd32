using System.Globalization;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Console.Account;

/// <summary>What the limits of a key or an account are typed as.</summary>
public class LimitInput
{
    public string? RequestsPerMinute { get; set; }

    public string? TokensPerMinute { get; set; }

    public string? MaxConcurrent { get; set; }

    public string? SpendAmount { get; set; }

    public string? SpendPeriod { get; set; }

    /// <summary>True if any limit is written.</summary>
    internal virtual bool IsLimited => !string.IsNullOrEmpty(RequestsPerMinute + TokensPerMinute + MaxConcurrent + SpendAmount);

    internal void Take(long? requestsPerMinute, long? tokensPerMinute, int? maxConcurrent, SpendLimit? spendLimit)
    {
        RequestsPerMinute = Number(requestsPerMinute);
        TokensPerMinute = Number(tokensPerMinute);
        MaxConcurrent = Number(maxConcurrent);
        SpendAmount = spendLimit?.Amount.ToString();
        SpendPeriod = spendLimit?.Period.ToString();
    }

    /// <summary>What is no number is noted as an error, everything else is for the use case to judge.</summary>
    internal LimitChanges ToLimits(FieldErrors errors) => new(
        Count("requestsPerMinute", RequestsPerMinute, errors),
        Count("tokensPerMinute", TokensPerMinute, errors),
        Count("maxConcurrent", MaxConcurrent, errors),
        Limit(errors));

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

    private static string? Number(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
