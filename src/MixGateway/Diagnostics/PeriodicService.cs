namespace MixGateway.Diagnostics;

/// <summary>
/// Work that is repeated for as long as the application runs. A round that fails is logged and does not end the loop: what the round
/// is there for would otherwise stop without a sign until the next start. The first failure of a row is logged, and the round that
/// succeeds after it.
/// </summary>
internal abstract partial class PeriodicService(TimeProvider time, ILogger logger) : BackgroundService
{
    /// <summary>From one round to the next. A round that takes longer is followed by the next at once.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>True if the first round runs at start, and not one interval later.</summary>
    protected virtual bool RunsAtStart => false;

    /// <summary>False if there is nothing to do in this configuration.</summary>
    protected virtual bool IsNeeded => true;

    /// <summary>One round. What it throws is logged; an outage that is expected is better handled by the round itself.</summary>
    /// <param name="stopping">Cancelled when the application stops: the round ends as soon as it can.</param>
    protected abstract Task RunAsync(CancellationToken stopping);

    /// <summary>Waits until the next round is due.</summary>
    /// <param name="timer">Ticks every <see cref="Interval"/>.</param>
    protected virtual async Task WaitAsync(PeriodicTimer timer, CancellationToken stopping) => await timer.WaitForNextTickAsync(stopping);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsNeeded)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, time);
        var failure = RunsAtStart ? await TryAsync(null, stoppingToken) : null;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await WaitAsync(timer, stoppingToken);
                failure = await TryAsync(failure, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    /// <returns>The kind of failure, or null.</returns>
    private async Task<Type?> TryAsync(Type? before, CancellationToken stopping)
    {
        try
        {
            await RunAsync(stopping);
            if (before is not null)
            {
                Log.Recovered(logger, GetType().Name);
            }

            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return before;
        }
        catch (Exception exception)
        {
            // The one place that takes everything: the next round may succeed, and nobody else runs it.
            if (before != exception.GetType())
            {
                Log.Failed(logger, exception, GetType().Name, Interval);
            }

            return exception.GetType();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A round of {Service} failed; it runs again in {Interval}, and the next failure of this kind is not logged", EventName = "PeriodicServiceFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string service, TimeSpan interval);

        [LoggerMessage(2, LogLevel.Information, "{Service} runs again", EventName = "PeriodicServiceRecovered")]
        public static partial void Recovered(ILogger logger, string service);
    }
}
