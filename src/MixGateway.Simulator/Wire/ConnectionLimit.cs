using Microsoft.AspNetCore.Connections.Features;

namespace MixGateway.Simulator.Wire;

/// <summary>Winds a connection down after a number of requests, as load balancers do.</summary>
internal sealed class ConnectionLimit(RequestDelegate next, int requests)
{
    private static readonly object CountKey = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IConnectionItemsFeature>() is { } connection && Count(connection.Items) == requests)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        return next(context);
    }

    /// <summary>Streams of one HTTP/2 connection run at the same time.</summary>
    private static int Count(IDictionary<object, object?> items)
    {
        lock (items)
        {
            var count = items.TryGetValue(CountKey, out object? value) ? (int)value! + 1 : 1;
            items[CountKey] = count;
            return count;
        }
    }
}
