using MixGateway.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Brings the calls that run into the database, in batches. Nothing waits for it, so what is written is what lasts longer than
/// <see cref="Delay"/>; stops after the books, whose last bookings close calls.
/// </summary>
internal sealed partial class OpenCallWriter(OpenCalls calls, OpenCallStore store, TimeProvider time, ILogger<OpenCallWriter> logger)
    : PeriodicService(time, logger)
{
    /// <summary>A call is in the database within 100 ms of its admission: this long it gathers company, the rest is for the write.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => Backoff;

    /// <summary>The last write, of the calls that ended while the gateway stopped.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync();
    }

    /// <inheritdoc/>
    protected override async Task WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        await calls.ChangedAsync(stopping);
        await Task.Delay(Delay, _time, stopping);
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        if (!await WriteAsync())
        {
            await Task.Delay(Backoff, _time, stopping);
        }
    }

    /// <returns>False if the database does not take it now.</returns>
    private async Task<bool> WriteAsync()
    {
        var changes = calls.Take();
        return changes.IsEmpty || await WriteAsync(changes, isLastTry: false);
    }

    /// <summary>What cannot be written as a whole is halved until what the database does not take stands alone: the rest is written.</summary>
    private async Task<bool> WriteAsync(OpenCallChanges changes, bool isLastTry)
    {
        try
        {
            await store.WriteAsync(changes, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (DatabaseFault.MayPass(e))
        {
            Log.NotWritten(_logger, e, changes.Opened.Count);
            calls.GiveBack(changes);
            return false;
        }
        catch (Exception e) when (isLastTry)
        {
            Log.Refused(_logger, e, changes.Opened.Count > 0 ? changes.Opened[0].RequestId : changes.Closed[0]);
            return true;
        }
        catch (Exception) when (changes.Opened.Count + changes.Closed.Count > 1)
        {
            var (first, second) = changes.Halve();
            return await WriteAsync(first, isLastTry: false) & await WriteAsync(second, isLastTry: false);
        }
        catch (Exception)
        {
            // Whatever the database has against this one call must not keep the others' notes back: once more, then it is put aside with its reason.
            return await WriteAsync(changes, isLastTry: true);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The start of {Calls} calls could not be noted in the database; it is tried again", EventName = "OpenCallsNotWritten")]
        public static partial void NotWritten(ILogger logger, Exception exception, int calls);

        [LoggerMessage(2, LogLevel.Error, "The database does not take the note of open call {RequestId}: if the gateway dies before the call ends, it is not billed", EventName = "OpenCallRefused")]
        public static partial void Refused(ILogger logger, Exception exception, Guid requestId);
    }
}
