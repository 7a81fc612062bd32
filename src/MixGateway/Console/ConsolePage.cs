using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MixGateway.Administration;
using MixGateway.Administration.Users;

namespace MixGateway.Console;

/// <summary>A page for people who are signed in; it knows who looks at it, and at which account.</summary>
public abstract class ConsolePage : ComponentBase
{
    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [CascadingParameter]
    protected HttpContext? Http { get; set; }

    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private OwnAccounts Accounts { get; set; } = null!;

    private protected SignedInUser Me { get; private set; } = null!;

    private protected Actor Actor => Me.Actor;

    /// <summary>The account that is looked at.</summary>
    protected Guid AccountId => Me.Account?.Id ?? Guid.Empty;

    protected CancellationToken Aborted => Http?.RequestAborted ?? CancellationToken.None;

    /// <summary>Instead of OnInitializedAsync: reads what the page shows.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override async Task OnInitializedAsync()
    {
        if (!SignedInUser.TryRead((await Authentication).User, out var me))
        {
            throw new InvalidOperationException($"{GetType().Name} has to be a page for people who are signed in.");
        }

        Me = me;
        if (me.Account is null)
        {
            // Whoever lost the last account that he belonged to gets one of his own, and comes back to it.
            await Accounts.EnsureAsync(me.Id);
            Navigation.NavigateTo(Navigation.Uri);
            return;
        }

        await LoadAsync();
    }

    /// <summary>Answers that there is no such page.</summary>
    protected void NotFound() => Navigation.NotFound();
}
