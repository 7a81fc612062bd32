using System.Globalization;
using MixGateway.Billing;

namespace MixGateway.Quotas;

/// <summary>Limits of a key or of an account; null is no limit.</summary>
internal sealed record CallLimits
{
    public static readonly CallLimits None = new();

    public long? RequestsPerMinute { get; init; }

    public long? TokensPerMinute { get; init; }

    public long? MaxConcurrent { get; init; }

    public Money? SpendPerDay { get; init; }

    public Money? SpendPerMonth { get; init; }

    public Money? SpendTotal { get; init; }

    /// <summary>As the scripts read it; part of the format, so fields are only ever added at the end.</summary>
    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Field(RequestsPerMinute)}|{Field(TokensPerMinute)}|{Field(MaxConcurrent)}|{Field(SpendPerDay?.Nanos)}|{Field(SpendPerMonth?.Nanos)}|{Field(SpendTotal?.Nanos)}");

    private static string Field(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";
}

/// <summary>What was spent and booked: where the counters start when the store does not know them.</summary>
internal sealed record Spent(BillingPeriod Period, Money InDay, Money InMonth, Money InAll)
{
    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Period.Day}|{InDay.Nanos}|{Period.Month}|{InMonth.Nanos}|{InAll.Nanos}");
}

/// <summary>A key as the database has it.</summary>
/// <param name="ExpiresAt">UTC; null if it does not expire.</param>
internal sealed record KeyState(Guid KeyId, bool IsRevoked, DateTime? ExpiresAt, CallLimits Limits, Spent Spent)
{
    internal string Text
    {
        get
        {
            var expires = ExpiresAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) : "-";
            return $"{(IsRevoked ? 'R' : 'A')}|{Limits.Text}|{expires}";
        }
    }
}

/// <summary>A call that is booked and that the hot store was not told of.</summary>
internal readonly record struct BookedInFlight(Guid RequestId, Money Charged);

/// <summary>An account as one database snapshot has it, with those of its keys that are to be installed.</summary>
/// <param name="Version">Rises with every transaction that changes the account, its balance or its keys.</param>
/// <param name="ChangedVersion">Of the last change that was no booking of a call.</param>
internal sealed record AccountState(
    Guid AccountId, Money Balance, long Version, long ChangedVersion, bool IsSuspended, CallLimits Limits, Spent Spent, IReadOnlyList<KeyState> Keys)
{
    /// <summary>Calls that are still in flight in the hot store although the reading has their records: what these charge is in <see cref="Spent"/> and must not count twice.</summary>
    public IReadOnlyList<BookedInFlight> Booked { get; init; } = [];

    internal string BookedText => string.Join(';', Booked.Select(static call => string.Create(CultureInfo.InvariantCulture, $"{call.RequestId:N}:{call.Charged.Nanos}")));

    /// <summary>In the form of a key's, which has an expiry.</summary>
    internal string PolicyText => $"{(IsSuspended ? 'S' : 'A')}|{Limits.Text}|-";
}

/// <summary>What the store knows of an account.</summary>
/// <param name="Base">The balance as of <paramref name="Version"/>.</param>
/// <param name="Pending">Charges that are settled and not yet in the base.</param>
/// <param name="Held">What running and abandoned calls hold.</param>
/// <param name="Available">Base less pending and held.</param>
/// <param name="KeyVersion">The account's version as of which the key is known; 0 if no key was asked about.</param>
internal sealed record AccountView(
    Money Base, long Version, Money Pending, Money Held, Money Available, bool IsSuspended, KeyLife Key, long KeyVersion);

internal enum KeyLife
{
    /// <summary>No key was asked about.</summary>
    None,
    Active,
    Revoked,
    Expired,
}

/// <summary>An account's counters beside the same counters added up from its calls, at one instant.</summary>
/// <param name="Oldest">Since the oldest of its calls was admitted or restored.</param>
internal sealed record AccountSnapshot(
    Money Base, long Version, Money Pending, Money Held, long Running, Money CallsPending, Money CallsHeld, long CallsRunning, long Calls, TimeSpan Oldest);
