namespace MixGateway.IntegrationTests.Crash;

/// <summary>Durations that are part of a story. Whatever can be observed is waited for with <see cref="Fixtures.Eventually"/> instead.</summary>
internal static class Scenario
{
    /// <summary>Lets a state last: only where nothing could be asked whether it lasted long enough. Say there why not.</summary>
    /// <param name="duration">A millisecond or more.</param>
    public static async Task LastsAsync(TimeSpan duration)
    {
        using var timer = new PeriodicTimer(duration);
        await timer.WaitForNextTickAsync();
    }
}
