namespace MixGateway.Administration.SelfService;

/// <summary>Redemption codes, as administrators manage them.</summary>
internal sealed class AdministratorCodes(AccessGuard guard, RedemptionCodes codes)
{
    public Task<Outcome<RedemptionBatch>> CreateAsync(Actor actor, NewRedemptionCodes asked) => guard.RunAsAdministratorAsync(actor, () => codes.CreateAsync(actor, asked));

    public Task<Outcome<Page<RedemptionCode>>> ListAsync(Actor actor, RedemptionCodeFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync(actor, () => codes.ListAsync(filter, page, cancellationToken));

    public Task<Outcome<RedemptionCode>> RevokeAsync(Actor actor, Guid id) => guard.RunAsAdministratorAsync(actor, () => codes.RevokeAsync(actor, id));

    public Task<Outcome<RevokedBatch>> RevokeBatchAsync(Actor actor, string? batch) => guard.RunAsAdministratorAsync(actor, () => codes.RevokeBatchAsync(actor, batch));
}
