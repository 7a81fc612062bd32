namespace MixGateway.Quotas;

/// <summary>Connects to Redis before the database is migrated: a store that is set up wrongly is told before another one is changed.</summary>
internal sealed class HotStoreStartup(HotStoreConnection connection, IConfiguration configuration) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => HotStoreConnection.IsEmbedded(configuration) ? Task.CompletedTask : connection.StartAsync();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
