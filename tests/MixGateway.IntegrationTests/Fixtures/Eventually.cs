using System.Diagnostics;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Waits for what other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>Tries until there is a value.</summary>
    /// <exception cref="TimeoutException">There was none in 20 seconds.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> attempt, string what)
        where T : class
    {
        using var timer = new PeriodicTimer(Period);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await timer.WaitForNextTickAsync())
        {
            if (await attempt() is { } value)
            {
                return value;
            }
        }

        throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what}.");
    }

    /// <inheritdoc cref="GetAsync"/>
    public static Task TrueAsync(Func<Task<bool>> attempt, string what) => GetAsync(async () => await attempt() ? what : null, what);
}
