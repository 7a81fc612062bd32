using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Routing;
using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>A call that asks to run, and what bounds it.</summary>
/// <param name="Record">What to book if this gateway dies before its first heartbeat.</param>
/// <param name="Key">What the call was checked against.</param>
internal readonly record struct CallToAdmit(
    Guid RequestId, Guid AccountId, Guid KeyId, KeyVersion Key, RoutePlan Plan, CallSize Size, string Currency, ReadOnlyMemory<byte> Record);

/// <summary>The answer: a held call, or the error that the caller is told. Limits for the headers come with both.</summary>
/// <param name="NewerKey">Set, and nothing else, if the key was changed since: read it as of this version, check the call again, ask again.</param>
internal readonly record struct AdmissionResult(HeldCall? Call, OpenAIError? Error, RateLimit? Requests, RateLimit? Tokens, long? NewerKey = null)
{
    /// <summary>Set if the call is held with a smaller limit on its answer than it asked for: tokens of each choice.</summary>
    public long? OutputCap { get; init; }
}

/// <summary>
/// May the call run: the stores have to be able to settle it, key and account have to be alive and within their limits, and the
/// most that it can cost has to be available. One round trip to the hot store, but for the first use of an account.
/// </summary>
internal sealed class CallAdmission(
    IAdmissionStore store, HotStoreStatus hotStore, IBooks books,
    OpenCalls openCalls, BillingCalendar calendar, IOptions<QuotasOptions> options, QuotasMetrics metrics)
{
    /// <summary>How often a call is asked for again with a smaller answer, while others take what was left for it.</summary>
    private const int MaxCaps = 3;

    /// <summary>When a call that only running calls keep out may be sent again.</summary>
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(1);

    private const string TryAgain = "Try again in a moment.";

    public async ValueTask<AdmissionResult> AdmitAsync(CallToAdmit call)
    {
        if (ClosedBecause() is { } closed)
        {
            metrics.Closed();
            return new AdmissionResult(null, OpenAIErrors.ServiceUnavailable(closed), null, null);
        }

        var bound = BoundOf(call);
        var startedAt = metrics.Start();
        var admission = await AskAsync(call, bound);
        if (admission.Refusal is { Kind: RefusalKind.Balance } && await store.RefreshAsync(call.AccountId))
        {
            admission = await AskAsync(call, bound);
        }

        // What is left is known from the refusal and may be gone a moment later.
        long? cap = null;
        for (var round = 0; round < MaxCaps && TryCap(call, admission.Refusal, out var most); round++)
        {
            cap = most;
            var capped = call with { Size = call.Size with { MaxTokens = most, RaisingLimit = null } };
            admission = await AskAsync(capped, BoundOf(capped));
        }

        metrics.Admitted(startedAt, admission);
        switch (admission.Status)
        {
            case AdmissionStatus.Held:
                var ticket = admission.Ticket!;
                openCalls.Open(call.RequestId, ticket.Hold, call.Record);
                return new AdmissionResult(new HeldCall(ticket), null, admission.Requests, admission.Tokens) { OutputCap = cap };
            case AdmissionStatus.Refused:
                return new AdmissionResult(null, ErrorOf(admission.Refusal!, call, bound), admission.Requests, admission.Tokens);
            case AdmissionStatus.Stale:
                return new AdmissionResult(null, null, null, null, admission.KeyVersion);
            default:
                return new AdmissionResult(null, CannotCheck(), null, null);
        }
    }

    /// <summary>Why no call at all is taken now; null if calls are taken.</summary>
    public string? ClosedBecause()
    {
        if (hotStore.Closure is not HotStoreClosure.None)
        {
            return $"The gateway cannot hold money for calls at the moment. {TryAgain}";
        }

        // A durable hot store keeps what is settled until the database is back; otherwise the database has to be there.
        var mayWait = hotStore.Kind == HotStoreKind.Durable && !books.IsFull;
        return mayWait || books.AcceptsCalls ? null : $"The gateway cannot record calls at the moment. {TryAgain}";
    }

    private CallBound BoundOf(in CallToAdmit call) =>
        HoldCalculator.Bound(call.Plan.Candidates.AsSpan(), call.Size, options.Value.DefaultMaxOutputTokens);

    /// <summary>True if the call could be paid for with an answer of at least one token; an embedding has none.</summary>
    private bool TryCap(in CallToAdmit call, Refusal? refusal, out long most)
    {
        most = 0;
        if (!options.Value.CapOutputToBalance || call.Size.MaxTokens == 0 || refusal is null)
        {
            return false;
        }

        switch (refusal.Kind)
        {
            case RefusalKind.Balance:
                most = AffordableTokens(call, refusal.Available);
                break;
            case RefusalKind.SpendPerDay or RefusalKind.SpendPerMonth or RefusalKind.SpendTotal:
                most = AffordableTokens(call, new Money(refusal.Remaining ?? 0));
                break;
        }

        return most > 0;
    }

    private long AffordableTokens(in CallToAdmit call, Money left) =>
        HoldCalculator.AffordableMaxTokens(call.Plan.Candidates.AsSpan(), call.Size, options.Value.DefaultMaxOutputTokens, left);

    private async ValueTask<Admission> AskAsync(CallToAdmit call, CallBound bound)
    {
        var request = new AdmissionRequest(call.RequestId, call.AccountId, call.KeyId, bound.Hold, bound.Tokens, calendar.Current, call.Record, call.Key);
        var admission = await store.AdmitAsync(request);
        return admission.Status == AdmissionStatus.Load && await store.InstallAsync(call.AccountId, [call.KeyId])
            ? await store.AdmitAsync(request)
            : admission;
    }

    /// <summary>The hot store does not answer.</summary>
    public static OpenAIError CannotCheck() => OpenAIErrors.ServiceUnavailable($"The gateway cannot check the account at the moment. {TryAgain}");

    /// <summary>The error of a call that was refused before its size was known.</summary>
    public OpenAIError EarlyErrorOf(Refusal refusal, string currency) => LimitErrorOf(refusal) ?? NothingLeft(refusal, currency);

    /// <summary>Null for what depends on the call's size.</summary>
    private static OpenAIError? LimitErrorOf(Refusal refusal)
    {
        var whose = Whose(refusal);
        return refusal.Kind switch
        {
            RefusalKind.AccountSuspended => OpenAIErrors.AccountSuspended(),
            RefusalKind.KeyRevoked or RefusalKind.KeyExpired => OpenAIErrors.InvalidKey(),
            RefusalKind.Concurrency => OpenAIErrors.RateLimitExceeded(
                $"The {whose} may run {refusal.Limit} calls at the same time, and that many run. Wait for one to end.", refusal.RetryAfter),
            RefusalKind.Requests => OpenAIErrors.RateLimitExceeded(
                $"The {whose} may make {refusal.Limit} requests a minute, and has made them. Wait until the minute is over.", refusal.RetryAfter),
            _ => null,
        };
    }

    private static string Whose(Refusal refusal) => refusal.OfAccount ? "account" : "key";

    private OpenAIError NothingLeft(Refusal refusal, string currency)
    {
        var what = refusal.Kind == RefusalKind.Balance
            ? $"The account has no credit left: {refusal.Available} {currency} is available"
            : $"The {Whose(refusal)}'s {PeriodOf(refusal.Kind)}spend limit is used up";
        var status = options.Value.InsufficientQuotaStatus;
        return refusal.Held > Money.Zero
            ? OpenAIErrors.InsufficientQuota($"{what}, and running calls hold up to {refusal.Held} {currency}. Try again when they have ended.", status, BusyRetry)
            : OpenAIErrors.InsufficientQuota($"{what}. Add credit, or raise the limit.", status);
    }

    private OpenAIError ErrorOf(Refusal refusal, in CallToAdmit call, CallBound bound)
    {
        if (LimitErrorOf(refusal) is { } error)
        {
            return error;
        }

        var whose = Whose(refusal);
        return refusal.Kind switch
        {
            RefusalKind.Tokens => OpenAIErrors.RateLimitExceeded(
                $"The {whose} may use {refusal.Limit} tokens a minute; {refusal.Remaining} are left, and this call may use {bound.Tokens}. Wait, or set a lower max_tokens.", refusal.RetryAfter),
            RefusalKind.Balance => NotAffordable(call, bound, refusal, refusal.Available, "is available"),
            _ => NotAffordable(call, bound, refusal, new Money(refusal.Remaining ?? 0), $"is left of the {whose}'s {PeriodOf(refusal.Kind)}spend limit"),
        };
    }

    /// <summary>Where only running calls stand in the way, the same request succeeds once they have ended: clients repeat it on their own.</summary>
    private OpenAIError NotAffordable(in CallToAdmit call, CallBound bound, Refusal refusal, Money left, string isLeft)
    {
        var most = AffordableTokens(call, left);
        var cost = $"This call may cost up to {bound.Hold} {call.Currency}; {left} {call.Currency} {isLeft}";
        if (left + refusal.Held >= bound.Hold)
        {
            var smaller = most > 0 ? $", or set max_tokens to {most} or less" : "";
            return OpenAIErrors.InsufficientQuota(
                $"{cost}, and running calls hold up to {refusal.Held} {call.Currency}. Try again when they have ended{smaller}.", options.Value.InsufficientQuotaStatus, BusyRetry);
        }

        var advice = most > 0 ? $"Set max_tokens to {most} or less, or add credit." : "Add credit, or send a shorter prompt.";
        return OpenAIErrors.InsufficientQuota($"{cost}. {advice}", options.Value.InsufficientQuotaStatus);
    }

    private static string PeriodOf(RefusalKind kind) => kind switch
    {
        RefusalKind.SpendPerDay => "daily ",
        RefusalKind.SpendPerMonth => "monthly ",
        _ => "",
    };
}
