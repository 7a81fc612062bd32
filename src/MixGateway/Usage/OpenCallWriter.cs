using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>
/// Brings the calls that run into the database, in batches. Nothing waits for it, so what is written is what lasts longer than
/// <see cref="Delay"/>; stops after the books, whose last bookings close calls.
/// </summary>
internal sealed partial class OpenCallWriter(OpenCalls calls, OpenCallStore store, TimeProvider time, ILogger<OpenCallWriter> logger) : BackgroundService
{
    /// <summary>A call is in the database within 100 ms of its admission: this long it gathers company, the rest is for the write.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Backoff = TimeSpan.FromSeconds(1);

    /// <summary>The last write, of the calls that ended while the gateway stopped.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await calls.ChangedAsync(stoppingToken);
                await Task.Delay(Delay, time, stoppingToken);
                if (!await WriteAsync())
                {
                    await Task.Delay(Backoff, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // StopAsync writes what is left.
        }
    }

    /// <returns>False if the database does not take it now.</returns>
    private async Task<bool> WriteAsync()
    {
        var changes = calls.Take();
        if (changes.IsEmpty)
        {
            return true;
        }

        try
        {
            await store.WriteAsync(changes, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.NotWritten(logger, e, changes.Opened.Count);
            calls.GiveBack(changes);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The start of {Calls} calls could not be noted in the database; it is tried again", EventName = "OpenCallsNotWritten")]
        public static partial void NotWritten(ILogger logger, Exception exception, int calls);
    }
}
