namespace MixGateway.Usage;

/// <summary>Knows whether the database takes records, and keeps asking it when it does not.</summary>
internal sealed partial class StoreWatch(IBookStore store, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(5);

    private volatile bool _down;
    private long _upSince = time.GetTimestamp();

    /// <summary>True if the last attempt failed, other than by what it was asked to write.</summary>
    public bool IsDown => _down;

    /// <summary>For how long no attempt has failed; zero while one has and none has succeeded since.</summary>
    public TimeSpan UpFor => _down ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref _upSince));

    /// <summary>Repeats an action until the database has done it or refuses its data.</summary>
    /// <returns>Why the data is refused, or null.</returns>
    /// <remarks>Throws only when <paramref name="givingUp"/> is cancelled.</remarks>
    public async Task<string?> InsistAsync(Func<Task> action, CancellationToken givingUp)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await action();
                Up();
                return null;
            }
            catch (Exception exception) when (store.Refuses(exception))
            {
                Up();
                return exception.Message;
            }
            catch (Exception exception) when (!givingUp.IsCancellationRequested)
            {
                // Whatever it was, the records are kept: this is the last place that has them.
                Down(exception);
            }

            // At once the first time: a connection from before a restart fails, and the next one may not.
            if (attempt > 0)
            {
                var backoff = FirstBackoff * Math.Pow(2, Math.Min(attempt, 10) - 1);
                await Task.Delay(backoff < LongestBackoff ? backoff : LongestBackoff, time, givingUp);
            }
        }
    }

    /// <summary>Notices a database that goes or comes back while there is nothing to book; otherwise the bookings notice.</summary>
    public async Task ProbeAsync(Func<bool> isIdle, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(ProbePeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (isIdle())
                {
                    await ProbeOnceAsync(stopping);
                }
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The gateway stops, and how the probe took it does not matter.
        }
    }

    private async Task ProbeOnceAsync(CancellationToken stopping)
    {
        try
        {
            await store.ProbeAsync(stopping);
            Up();
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever it was, the database did not answer.
            Down(exception);
        }
    }

    private void Up()
    {
        if (_down)
        {
            Interlocked.Exchange(ref _upSince, time.GetTimestamp());
            _down = false;
            Log.Recovered(logger);
        }
    }

    private void Down(Exception exception)
    {
        if (!_down)
        {
            _down = true;
            Log.DatabaseDown(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "BooksDatabaseDown", Level = LogLevel.Error, Message = "The database takes no records; they wait until it does. Calls go on meanwhile where the hot store is durable, and are refused elsewhere.")]
        public static partial void DatabaseDown(ILogger logger, Exception exception);

        [LoggerMessage(EventName = "BooksDatabaseBack", Level = LogLevel.Information, Message = "The database takes records again.")]
        public static partial void Recovered(ILogger logger);
    }
}
