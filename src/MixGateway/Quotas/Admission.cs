using MixGateway.Billing;
using StackExchange.Redis;

namespace MixGateway.Quotas;

/// <summary>A call that asks to run.</summary>
/// <param name="Hold">The most it can cost.</param>
/// <param name="Tokens">The most tokens it can use, prompt and answer: counted against tokens per minute until it settles.</param>
/// <param name="Record">What to book if the gateway dies before its first heartbeat; opaque to the store.</param>
/// <param name="Key">What the gateway has checked the call against.</param>
internal readonly record struct AdmissionRequest(
    Guid RequestId, Guid AccountId, Guid KeyId, Money Hold, long Tokens, BillingPeriod Period, ReadOnlyMemory<byte> Record, KeyVersion Key);

/// <summary>An admitted call: what every later step of it needs, made once.</summary>
internal sealed class CallTicket(AdmissionRequest request)
{
    public Guid RequestId { get; } = request.RequestId;

    public Guid AccountId { get; } = request.AccountId;

    public Guid KeyId { get; } = request.KeyId;

    public Money Hold { get; } = request.Hold;

    public long Tokens { get; } = request.Tokens;

    public BillingPeriod Period { get; } = request.Period;

    internal RedisKey[] Keys { get; } = AccountShard.KeysOf(request.AccountId);

    internal RedisValue Id { get; } = request.RequestId.ToString("N");
}

internal enum AdmissionStatus
{
    /// <summary>May run.</summary>
    Held,

    /// <summary>Nothing that does not depend on the call itself stands against it: the answer to a peek.</summary>
    Open,

    /// <summary>May not run; <see cref="Admission.Refusal"/> says why.</summary>
    Refused,

    /// <summary>The key was changed since the gateway read what it checked the call against: read it, check again, ask again.</summary>
    Stale,

    /// <summary>The store does not know the account or the key, or not their last change: read them from the database, install them, ask again.</summary>
    Load,

    /// <summary>The store does not answer: 503.</summary>
    Down,
}

internal enum RefusalKind
{
    AccountSuspended,
    KeyRevoked,
    KeyExpired,
    Concurrency,
    Requests,
    Tokens,
    SpendPerDay,
    SpendPerMonth,
    SpendTotal,
    Balance,
}

/// <summary>A limit of a window, as the <c>x-ratelimit-*</c> headers tell it; of key and account the one with less left.</summary>
internal readonly record struct RateLimit(long Limit, long Remaining, TimeSpan Reset);

/// <summary>Why a call may not run.</summary>
/// <param name="OfAccount">True if the limit is the account's, false if it is the key's.</param>
/// <param name="Limit">The limit that would be exceeded: calls, tokens or nano-units; null where there is no number.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="RetryAfter">When asking again can succeed; null if waiting does not help.</param>
/// <param name="Available">The account's balance less all that is pending and held.</param>
/// <param name="Held">What running calls hold of the balance or spend limit; zero for other kinds. Of a key's spend limit, at most this much.</param>
internal sealed record Refusal(RefusalKind Kind, bool OfAccount, long? Limit, long? Remaining, TimeSpan? RetryAfter, Money Available, Money Held = default);

/// <summary>The answer to a call that asks to run.</summary>
internal sealed record Admission(AdmissionStatus Status)
{
    public static readonly Admission Open = new(AdmissionStatus.Open);

    public static readonly Admission Load = new(AdmissionStatus.Load);

    public static readonly Admission Down = new(AdmissionStatus.Down);

    /// <summary>Set if held.</summary>
    public CallTicket? Ticket { get; init; }

    /// <summary>Set if refused.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>Set if stale: the version to read.</summary>
    public long KeyVersion { get; init; }

    /// <summary>Requests in the running window, if they are limited.</summary>
    public RateLimit? Requests { get; init; }

    /// <summary>Tokens in the running window, if they are limited.</summary>
    public RateLimit? Tokens { get; init; }
}
