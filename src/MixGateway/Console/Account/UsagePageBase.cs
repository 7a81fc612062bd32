using Microsoft.AspNetCore.Components;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;

namespace MixGateway.Console.Account;

/// <summary>What the pages of usage have in common: the filter in their URL, and what there is to choose from.</summary>
public abstract class UsagePageBase : ConsolePage
{
    [SupplyParameterFromQuery]
    protected string? Days { get; set; }

    [SupplyParameterFromQuery]
    protected string? From { get; set; }

    [SupplyParameterFromQuery]
    protected string? To { get; set; }

    [SupplyParameterFromQuery]
    protected string? Key { get; set; }

    [SupplyParameterFromQuery]
    protected string? Model { get; set; }

    [SupplyParameterFromQuery]
    protected string? Status { get; set; }

    [Inject]
    private AccountKeys AccountKeys { get; set; } = null!;

    [Inject]
    private protected AccountUsage Usage { get; set; } = null!;

    [Inject]
    private protected BillingCalendar Calendar { get; set; } = null!;

    private protected UsageQuery Query { get; private set; } = null!;

    private protected UsageFilter Filter { get; private set; } = null!;

    /// <summary>Id and name of the newest keys.</summary>
    protected IReadOnlyList<KeyValuePair<string, string>> KeyNames { get; private set; } = [];

    protected IReadOnlyList<string> ModelNames { get; private set; } = [];

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Query = UsageQuery.Read(Days, From, To, Key, Model, Status);
        Filter = Query.Filter(Calendar);
        var keys = (await AccountKeys.ListAsync(Actor, AccountId, new PageRequest(PageRequest.MaxLimit, null), Aborted)).Value?.Data ?? [];
        KeyNames = [.. keys.Select(static key => KeyValuePair.Create(key.Id.ToString(), key.Name))];
        ModelNames = (await Usage.ModelsAsync(Actor, AccountId, Aborted)).Value ?? [];
    }

    protected string KeyName(Guid id) => KeyNames.FirstOrDefault(key => key.Key == id.ToString()).Value ?? id.ToString()[..8];
}
