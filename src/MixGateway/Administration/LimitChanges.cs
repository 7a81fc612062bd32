using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>The most that may be spent in a period.</summary>
internal sealed record SpendLimit(Money Amount, SpendLimitPeriod Period)
{
    /// <summary>Null where there is none.</summary>
    public static SpendLimit? Of(ILimited row) =>
        row.SpendLimitNanos is { } amount && row.SpendLimitPeriod is { } period ? new SpendLimit(new Money(amount), period) : null;
}

/// <summary>Limits of a new key or account, where what is not set is no limit, or of an edit, where it is unchanged.</summary>
internal readonly record struct LimitChanges(
    Optional<long?> RequestsPerMinute = default,
    Optional<long?> TokensPerMinute = default,
    Optional<long?> MaxConcurrent = default,
    Optional<SpendLimit?> SpendLimit = default)
{
    /// <summary>So that no counter of a minute comes near its range.</summary>
    public const long MaxLimit = 1_000_000_000;

    public void Check(FieldErrors errors)
    {
        CheckLimit(errors, "requestsPerMinute", RequestsPerMinute.Value);
        CheckLimit(errors, "tokensPerMinute", TokensPerMinute.Value);
        CheckLimit(errors, "maxConcurrent", MaxConcurrent.Value);
        if (SpendLimit.Value is { } spendLimit && (spendLimit.Amount <= Money.Zero || spendLimit.Amount > Credit.MaxAmount))
        {
            errors.Add("spendLimit.amount", $"Has to be more than 0 and at most {Credit.MaxAmount}.");
        }
    }

    public void Apply(ILimited row)
    {
        row.RequestsPerMinute = RequestsPerMinute.Or(row.RequestsPerMinute);
        row.TokensPerMinute = TokensPerMinute.Or(row.TokensPerMinute);
        row.MaxConcurrent = (int?)MaxConcurrent.Or(row.MaxConcurrent);
        if (SpendLimit.IsSet)
        {
            row.SpendLimitNanos = SpendLimit.Value?.Amount.Nanos;
            row.SpendLimitPeriod = SpendLimit.Value?.Period;
        }
    }

    private static void CheckLimit(FieldErrors errors, string field, long? limit)
    {
        if (limit is < 1 or > MaxLimit)
        {
            errors.Add(field, $"Has to be a whole number from 1 to {MaxLimit}.");
        }
    }
}
