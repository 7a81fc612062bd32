using MixGateway.Administration.SelfService;

namespace MixGateway.Administration.Operators;

/// <summary>Tokens of the management API, for administrators, who may give every scope.</summary>
internal sealed class OperatorTokens(AccessGuard guard, AdminTokens tokens)
{
    /// <summary>Newest first, revoked ones too.</summary>
    public Task<Outcome<Page<AdminToken>>> ListAsync(Actor actor, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync(actor, () => tokens.ListAsync(page, cancellationToken));

    public Task<Outcome<CreatedAdminToken>> CreateAsync(Actor actor, AdminTokenChanges policy) =>
        guard.RunAsAdministratorAsync(actor, () => tokens.CreateAsync(new Administrator(actor, Scopes.All), policy));

    public Task<Outcome<AdminToken>> RevokeAsync(Actor actor, Guid id) =>
        guard.RunAsAdministratorAsync(actor, () => tokens.RevokeAsync(new Administrator(actor, Scopes.All), id));
}
