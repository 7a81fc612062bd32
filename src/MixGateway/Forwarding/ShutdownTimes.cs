using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>How long each step of a stop may take.</summary>
/// <param name="Delay">From "not ready" to the first refusal: long enough for a load balancer to notice.</param>
/// <param name="Timeout">From the first refusal on: for the calls that run.</param>
internal sealed record ShutdownTimes(TimeSpan Delay, TimeSpan Timeout)
{
    public const string DelayKey = "ShutdownDelay";
    public const string TimeoutKey = "ShutdownTimeout";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>After the running calls had their time, so long for what is still to be written to the database.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    /// <summary>The longest that a stop takes.</summary>
    public TimeSpan Whole => Delay + Timeout + Drain;

    /// <summary>Reads both settings; what cannot be used becomes its default and a mistake.</summary>
    public static ShutdownTimes Read(IConfiguration configuration, List<string> mistakes) => new(
        Read(configuration, DelayKey, TimeSpan.Zero, TimeSpan.Zero, "a time from zero to a day, such as 5s or 00:00:05", mistakes),
        Read(configuration, TimeoutKey, DefaultTimeout, TimeSpan.FromTicks(1), "a time above zero and at most a day, such as 30s or 00:00:30", mistakes));

    private static TimeSpan Read(IConfiguration configuration, string key, TimeSpan byDefault, TimeSpan least, string form, List<string> mistakes)
    {
        if (configuration[key] is not { Length: > 0 } text)
        {
            return byDefault;
        }

        if (DurationText.TryParse(text, out var time) && time >= least && time <= Longest)
        {
            return time;
        }

        mistakes.Add($"{key}: must be {form}.");
        return byDefault;
    }
}
