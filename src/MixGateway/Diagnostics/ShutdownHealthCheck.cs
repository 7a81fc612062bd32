using Microsoft.Extensions.Diagnostics.HealthChecks;
using MixGateway.Forwarding;

namespace MixGateway.Diagnostics;

/// <summary>Not ready from SIGTERM on, so that a load balancer sends calls elsewhere before the first one is refused.</summary>
internal sealed class ShutdownHealthCheck(Shutdown shutdown) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(shutdown.HasBegun ? HealthCheckResult.Unhealthy("The gateway is stopping.") : HealthCheckResult.Healthy());
}
