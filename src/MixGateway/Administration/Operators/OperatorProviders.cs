using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.SelfService;
using MixGateway.Catalog;
using MixGateway.Forwarding;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>Providers and the catalog in force, for administrators.</summary>
internal sealed class OperatorProviders(
    AccessGuard guard, Providers providers, CatalogReport report, CatalogStore catalog, ModelTester tester,
    IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>By name, as this replica sees them.</summary>
    public Task<Outcome<Page<ProviderEntry>>> ListAsync(Actor actor, PageRequest page) =>
        guard.RunAsAdministratorAsync(actor, () => Task.FromResult(providers.List(page)));

    public Task<Outcome<CatalogEntry>> ShowCatalogAsync(Actor actor) =>
        guard.RunAsAdministratorAsync(actor, () => Task.FromResult<Outcome<CatalogEntry>>(report.Show()));

    /// <summary>By name.</summary>
    public Task<Outcome<Page<ModelEntry>>> ListModelsAsync(Actor actor, string? provider, PageRequest page) =>
        guard.RunAsAdministratorAsync(actor, () => Task.FromResult(report.ListModels(provider, page)));

    /// <summary>Sends one tiny call straight to the provider. The gateway bills nobody; the provider bills its customer, so the audit log keeps who did it.</summary>
    /// <param name="model"><c>provider:modelId</c>; not an alias, and not a wildcard.</param>
    public Task<Outcome<ModelTest>> TestAsync(Actor actor, string? model, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<ModelTest>(actor, async () =>
        {
            if (model is null || !catalog.Current.TryResolve(model.Trim(), out var found) || found is not [var target, ..])
            {
                return new Refusal(RefusalReason.NotFound, "There is no such model in the catalog.");
            }

            if (await tester.TryRunAsync(target, cancellationToken) is not { } test)
            {
                return Refusal.Conflict("Another test is running. Try again in a moment.");
            }

            await using var database = await databases.CreateDbContextAsync(CancellationToken.None);
            database.AuditEntries.Add(AuditEntry.Of(actor, time.Now(), "provider.test", test.Model, null, new { test.Destination, test.HttpStatus, test.DurationMs }));
            await database.SaveChangesAsync(CancellationToken.None);
            return test;
        });
}
