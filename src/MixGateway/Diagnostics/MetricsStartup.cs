namespace MixGateway.Diagnostics;

/// <summary>A feature's metrics; gauges exist only once the object does, so all are made at start.</summary>
internal sealed record MetricsOfFeature(Type Type);

/// <summary>Makes the metrics of every feature when the application starts.</summary>
internal sealed class MetricsStartup(IEnumerable<MetricsOfFeature> features, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var feature in features)
        {
            services.GetRequiredService(feature.Type);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class MetricsStartupExtensions
{
    /// <summary>Adds the <c>{Feature}Metrics</c> of a feature.</summary>
    public static IServiceCollection AddFeatureMetrics<T>(this IServiceCollection services)
        where T : class =>
        services.AddSingleton<T>().AddSingleton(new MetricsOfFeature(typeof(T)));
}
