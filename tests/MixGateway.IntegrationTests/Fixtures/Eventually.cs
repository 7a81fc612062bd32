using System.Diagnostics;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Waits for what other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>Tries until there is a value.</summary>
    /// <param name="patience">20 seconds, if not given.</param>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> attempt, string what, TimeSpan? patience = null)
        where T : class
    {
        T? value = null;
        return await TryAsync(async () => (value = await attempt()) is not null, patience)
            ? value!
            : throw new TimeoutException($"Not within {(patience ?? Patience).TotalSeconds} s: {what}.");
    }

    /// <inheritdoc cref="GetAsync"/>
    public static Task TrueAsync(Func<Task<bool>> attempt, string what, TimeSpan? patience = null) =>
        GetAsync(async () => await attempt() ? what : null, what, patience);

    /// <inheritdoc cref="GetAsync"/>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, patience);

    /// <summary>Whether an attempt succeeded in time; for who has more to say than <see cref="TrueAsync(Func{Task{bool}}, string, TimeSpan?)"/> if none did.</summary>
    public static async Task<bool> TryAsync(Func<Task<bool>> attempt, TimeSpan? patience = null)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Period);
        while (!await attempt())
        {
            if (clock.Elapsed >= (patience ?? Patience))
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }
}
