using System.Runtime.InteropServices;
using MixGateway.Forwarding;

namespace MixGateway.Hosting;

/// <summary>
/// Ends the process when a stop takes longer than it may, whatever hangs: after an OutOfMemoryException, for example, work may never
/// be given a thread again. So the guard has a thread of its own from the start, and needs nothing else when it acts.
/// </summary>
internal sealed partial class StopGuard
{
    /// <summary>After everything had its time, for what the host does last.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly TimeSpan _patience;
    private readonly Action _end;
    private bool _stopping;

    public StopGuard(ShutdownTimes times)
        : this(times.Whole + Grace, End)
    {
    }

    /// <param name="patience">From the beginning of the stop on.</param>
    /// <param name="end">Ends the process. It may return only in a test.</param>
    internal StopGuard(TimeSpan patience, Action end)
    {
        _patience = patience;
        _end = end;
        new Thread(Watch) { IsBackground = true, Name = "Stop guard" }.Start();
    }

    /// <summary>From now on the time runs. Nothing ends it but the end of the process.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits without a timer and without the thread pool.</summary>
    private void Watch()
    {
        lock (_gate)
        {
            while (!_stopping)
            {
                Monitor.Wait(_gate);
            }
        }

        // Nobody pulses this one: it is a wait for the time alone.
        var never = new object();
        lock (never)
        {
            Monitor.Wait(never, _patience);
        }

        _end();
    }

    private static void End()
    {
        try
        {
            System.Console.Error.WriteLine($"MixGateway did not stop in time and is cut off (exit code {ExitCodes.CutOff}). Open calls are settled at the next start.");
        }
        finally
        {
            // Exit() runs handlers that may be what hangs.
            if (OperatingSystem.IsWindows())
            {
                Environment.Exit(ExitCodes.CutOff);
            }
            else
            {
                ExitNow(ExitCodes.CutOff);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
