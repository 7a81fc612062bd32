using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>Knows whether the database takes records, and keeps asking it when it does not.</summary>
internal sealed partial class StoreWatch(IBookStore store, TimeProvider time, ILogger logger)
{
    /// <summary>A failure that is no outage is taken for one that no further try ends differently after this many.</summary>
    private const int TriesOfAMistake = 2;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(5);

    private volatile bool _down;
    private long _upSince = time.GetTimestamp();

    /// <summary>True if the last attempt failed, other than by what it was asked to write.</summary>
    public bool IsDown => _down;

    /// <summary>For how long no attempt has failed; zero while one has and none has succeeded since.</summary>
    public TimeSpan UpFor => _down ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref _upSince));

    /// <summary>
    /// Repeats an action for as long as the database is away. What else fails does so again: it is told, so that one record that cannot
    /// be booked does not keep all others waiting.
    /// </summary>
    /// <returns>Why the action cannot be done, or null.</returns>
    /// <remarks>Throws only when <paramref name="givingUp"/> is cancelled.</remarks>
    public async Task<string?> InsistAsync(Func<Task> action, CancellationToken givingUp)
    {
        var mistakes = 0;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await action();
                Up();
                return null;
            }
            catch (Exception exception) when (IsRefusal(exception))
            {
                Up();
                return exception.GetBaseException().Message;
            }
            catch (Exception exception) when (!givingUp.IsCancellationRequested)
            {
                if (!await IsOutageAsync(exception, givingUp) && ++mistakes == TriesOfAMistake)
                {
                    Log.Mistake(logger, exception);
                    return exception.GetBaseException().Message;
                }
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

    /// <summary>Sums that do not fit in 64 bits are data too.</summary>
    private static bool IsRefusal(Exception exception) => exception is OverflowException || DatabaseFault.IsRefusal(exception);

    /// <summary>An outage by its code, or else by asking the database: what a driver throws when a connection is torn is not always told as that.</summary>
    private async Task<bool> IsOutageAsync(Exception exception, CancellationToken givingUp)
    {
        if (!DatabaseFault.MayPass(exception))
        {
            return !await ProbeOnceAsync(givingUp);
        }

        Down(exception);
        return true;
    }

    /// <returns>False if the database did not answer.</returns>
    private async Task<bool> ProbeOnceAsync(CancellationToken stopping)
    {
        try
        {
            await store.ProbeAsync(stopping);
            Up();
            return true;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            // Whatever it was, the database did not answer.
            Down(exception);
            return false;
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

        [LoggerMessage(EventName = "BooksMistake", Level = LogLevel.Error, Message = "The database answers, but a group of records cannot be booked as a whole; its records are tried apart.")]
        public static partial void Mistake(ILogger logger, Exception exception);
    }
}
