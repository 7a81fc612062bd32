using Microsoft.Extensions.Diagnostics.HealthChecks;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Diagnostics;

/// <summary>Without the hot store no call can be admitted.</summary>
internal sealed class HotStoreHealthCheck(HotStoreStatus hotStore) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(hotStore.Closure switch
        {
            HotStoreClosure.None => HealthCheckResult.Healthy(
                $"The hot store is {(hotStore.Kind == HotStoreKind.Durable ? "durable" : "volatile")}.{(hotStore.NotPermitted.Length > 0 ? $" {hotStore.NotPermitted}." : "")}"),
            HotStoreClosure.Silent or HotStoreClosure.Foreign => HealthCheckResult.Unhealthy($"The hot store takes no calls ({hotStore.Closure}): {hotStore.Why}. Calls get 503."),
            _ => HealthCheckResult.Unhealthy($"The hot store takes no calls ({hotStore.Closure}); they are refused with 503."),
        });
}

/// <summary>A durable hot store keeps what is settled until the database is back; with a volatile one calls need the database.</summary>
internal sealed class DatabaseHealthCheck(IBooks books, HotStoreStatus hotStore) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (books.AcceptsCalls)
        {
            return Task.FromResult(HealthCheckResult.Healthy());
        }

        return Task.FromResult(hotStore.Kind == HotStoreKind.Durable && !books.IsFull
            ? HealthCheckResult.Degraded("The database does not take usage records; settled calls wait in the hot store.")
            : HealthCheckResult.Unhealthy("The database does not take usage records; calls are refused with 503."));
    }
}
