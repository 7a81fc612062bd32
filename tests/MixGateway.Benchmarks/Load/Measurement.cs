using System.Diagnostics;

namespace MixGateway.Benchmarks.Load;

/// <summary>What one worker saw of its calls, in ticks of <see cref="Stopwatch"/>.</summary>
internal sealed class WorkerTimes
{
    /// <summary>From sending a call to the end of its answer.</summary>
    public List<long> Whole { get; } = new(4096);

    /// <summary>From sending a call to the first byte of its answer's body.</summary>
    public List<long> FirstByte { get; } = new(4096);

    /// <summary>From the last chunk of a stream to its end mark: what the end had to wait for.</summary>
    public List<long> End { get; } = new(4096);
}

/// <summary>All rounds of one load on one server.</summary>
internal sealed class Measurement
{
    private readonly List<long> _whole = [];
    private readonly List<long> _firstByte = [];
    private readonly List<long> _end = [];
    private TimeSpan _elapsed;
    private TimeSpan _cpu;
    private long _allocated;

    public int Calls => _whole.Count;

    public double CallsPerSecond => Calls / _elapsed.TotalSeconds;

    public double CpuMicroseconds => _cpu.TotalMicroseconds / Calls;

    public double AllocatedBytes => (double)_allocated / Calls;

    public void Add(IEnumerable<WorkerTimes> workers, TimeSpan elapsed, Counters before, Counters after)
    {
        foreach (var worker in workers)
        {
            _whole.AddRange(worker.Whole);
            _firstByte.AddRange(worker.FirstByte);
            _end.AddRange(worker.End);
        }

        _elapsed += elapsed;
        _cpu += after.Cpu - before.Cpu;
        _allocated += after.AllocatedBytes - before.AllocatedBytes;
    }

    /// <summary>Milliseconds below which <paramref name="share"/> of the calls ended.</summary>
    public double Whole(double share) => Percentile(_whole, share);

    public double FirstByte(double share) => Percentile(_firstByte, share);

    public double End(double share) => Percentile(_end, share);

    private static double Percentile(List<long> times, double share)
    {
        times.Sort();
        return Stopwatch.GetElapsedTime(0, times[(int)(share * (times.Count - 1))]).TotalMilliseconds;
    }
}
