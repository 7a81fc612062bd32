using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Quotas;

/// <summary>A caller whose call's body has not been read yet.</summary>
/// <param name="Key">What the caller was checked against.</param>
internal readonly record struct EarlyCaller(Guid AccountId, Guid KeyId, KeyVersion Key);

/// <summary>
/// What can be said of a call before its body is read: the stores work, key and account are alive, their limits on calls are not
/// reached, there is something left to spend. A large body is not taken in for a call that cannot run. Admission asks again.
/// </summary>
internal sealed class EarlyCheck(
    CallStore calls, CallAdmission admission, AccountInstaller installer, AccountRefresher refresher, BillingCalendar calendar, QuotasMetrics metrics)
{
    private volatile CatalogPrices? _prices;

    /// <returns>The error that ends the call, and the limits for the headers; nothing if the body may be read.</returns>
    public async ValueTask<AdmissionResult> CheckAsync(EarlyCaller caller, CatalogSnapshot catalog)
    {
        if (admission.ClosedBecause() is { } closed)
        {
            metrics.Closed();
            return new AdmissionResult(null, OpenAIErrors.ServiceUnavailable(closed), null, null);
        }

        var startedAt = metrics.Start();
        var answer = await AskAsync(caller, catalog);
        if (answer.Refusal is { Kind: RefusalKind.Balance } && await refresher.RefreshAsync(caller.AccountId))
        {
            answer = await AskAsync(caller, catalog);
        }

        if (answer.Status == AdmissionStatus.Open)
        {
            return default;
        }

        metrics.Admitted(startedAt, answer);
        return answer.Refusal is { } refusal
            ? new AdmissionResult(null, admission.EarlyErrorOf(refusal, catalog.Currency), answer.Requests, answer.Tokens)
            : new AdmissionResult(null, CallAdmission.CannotCheck(), null, null);
    }

    private async ValueTask<Admission> AskAsync(EarlyCaller caller, CatalogSnapshot catalog)
    {
        var costs = EveryCallCosts(catalog);
        var answer = await calls.PeekAsync(caller.AccountId, caller.KeyId, caller.Key, calendar.Current, costs);
        return answer.Status == AdmissionStatus.Load && await installer.InstallAsync(caller.AccountId, [caller.KeyId])
            ? await calls.PeekAsync(caller.AccountId, caller.KeyId, caller.Key, calendar.Current, costs)
            : answer;
    }

    /// <summary>Looked up once per catalog: a model without a price can be called without credit.</summary>
    private bool EveryCallCosts(CatalogSnapshot catalog)
    {
        var prices = _prices;
        if (prices?.Catalog != catalog)
        {
            _prices = prices = new CatalogPrices(catalog, !HasFreeModel(catalog));
        }

        return prices.EveryCallCosts;
    }

    private static bool HasFreeModel(CatalogSnapshot catalog)
    {
        foreach (var provider in catalog.Providers.Values)
        {
            foreach (var model in provider.Models.Values)
            {
                if (model.Price is { Request: 0, Tokens: { Input: 0, Output: 0 } })
                {
                    return true;
                }
            }
        }

        return false;
    }

    private sealed record CatalogPrices(CatalogSnapshot Catalog, bool EveryCallCosts);
}
