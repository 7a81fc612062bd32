using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// Tells the hot store every <c>Quotas:Heartbeat</c> that this gateway's calls are alive and what they have cost so far, and
/// carries out what it answers: a call to stop, one that was taken for dead, one that the store has lost.
/// </summary>
internal sealed partial class CallHeartbeat(
    RunningCalls running, CallSettler settler, CallStore calls, BookedCalls booked, OpenCalls openCalls, AccountInstaller installer, IOptions<QuotasOptions> options,
    TimeProvider time, ILogger<CallHeartbeat> logger) : PeriodicService(time, logger)
{
    /// <summary>So many beats are on their way at once: enough to use the connection, too few to fill it.</summary>
    private const int Parallel = 64;

    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    protected override TimeSpan Interval => options.Value.Heartbeat;

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = Parallel };
        await System.Threading.Tasks.Parallel.ForEachAsync(running.All, atOnce, async (call, _) => await TryAsync(BeatAsync(call), call.Id.Value));
        await System.Threading.Tasks.Parallel.ForEachAsync(
            settler.Waiting, atOnce, async (waiting, _) => await TryAsync(KeepAsync(waiting.Call, waiting.Record), waiting.Record.RequestId));
    }

    /// <summary>A mistake in one call does not keep the others from being told as alive: they would be taken for dead.</summary>
    private async ValueTask TryAsync(ValueTask beat, Guid requestId)
    {
        var beating = beat.AsTask();
        await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (beating.Exception is { } mistake)
        {
            Log.Failed(_logger, mistake.GetBaseException(), requestId);
        }
    }

    private async ValueTask BeatAsync(Call call)
    {
        if (call.Held is not { } held)
        {
            return;
        }

        if (call.Recorded)
        {
            if (call.Record is { } record)
            {
                await KeepAsync(held, record);
            }

            return;
        }

        var soFar = CallRecorder.SoFar(call);
        var payload = RecordPayload.Write(soFar);
        openCalls.Beat(call.Id.Value, payload);
        switch (await calls.ExtendAsync(held.Ticket, soFar.Cost, payload))
        {
            case CallAnswer.Stopped:
                call.End(WatchReason.Stopped);
                break;
            case CallAnswer.Suspended:
                call.End(WatchReason.Suspended);
                break;
            case CallAnswer.Abandoned:
                call.End(WatchReason.Abandoned);
                break;
            case CallAnswer.Missing or CallAnswer.Load:
                await RestoreAsync(call, held, soFar, payload);
                break;
        }
    }

    /// <summary>
    /// A call that is over and whose record waits for the database is not taken for dead either: another replica would bill what its
    /// last heartbeat had counted. Whatever the store answers, the record decides.
    /// </summary>
    private async ValueTask KeepAsync(HeldCall held, UsageRecord record)
    {
        var payload = RecordPayload.Write(record);
        openCalls.Beat(record.RequestId, payload);
        await calls.ExtendAsync(held.Ticket, record.Cost, payload);
    }

    /// <summary>The store lost the call, unless somebody booked it, in which case it is over.</summary>
    private async ValueTask RestoreAsync(Call call, HeldCall held, UsageRecord soFar, ReadOnlyMemory<byte> payload)
    {
        switch (await booked.ExistsAsync(call.Id.Value))
        {
            case true when !call.Recorded:
                call.End(WatchReason.Abandoned);
                return;
            case false when !call.Recorded:
                held.DatabaseOnly = true;
                if (await calls.RestoreAsync(held.Ticket, soFar.Cost, payload) == CallAnswer.Load
                    && await installer.InstallAsync(held.Ticket.AccountId, [held.Ticket.KeyId]))
                {
                    await calls.RestoreAsync(held.Ticket, soFar.Cost, payload);
                }

                return;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Call {RequestId} could not be told to the hot store as alive; it is tried again with the next heartbeat", EventName = "HeartbeatFailed")]
        public static partial void Failed(ILogger logger, Exception exception, Guid requestId);
    }
}
