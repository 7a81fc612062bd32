using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>Hands out contexts of whichever database is configured.</summary>
internal sealed class GatewayDbContextFactory<TContext>(IDbContextFactory<TContext> factory) : IDbContextFactory<GatewayDbContext>
    where TContext : GatewayDbContext
{
    public GatewayDbContext CreateDbContext() => factory.CreateDbContext();

    public async Task<GatewayDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
        await factory.CreateDbContextAsync(cancellationToken);
}
