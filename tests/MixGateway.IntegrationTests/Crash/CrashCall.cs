using System.Globalization;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>A call whose usage is known beforehand, because the provider reports what the model's name says.</summary>
internal sealed record CrashCall(bool Stream, long Prompt, long Cached, long Completion, int FirstMs, int DelayMs)
{
    public static CrashCall Next(Random random)
    {
        var prompt = random.NextInt64(1, 50_000);
        return new CrashCall(random.Next(2) == 0, prompt, random.NextInt64(prompt + 1), random.NextInt64(1, 13), random.Next(8), random.Next(4));
    }

    /// <summary>A stream of some seconds, with time for heartbeats and for a fault in its middle.</summary>
    public static CrashCall NextSlow(Random random) => Next(random) with { Stream = true, Completion = random.NextInt64(4, 13), DelayMs = random.Next(50, 350) };

    /// <summary>What it costs is well below what it holds, so that it is charged in full on every way to its end.</summary>
    public CrashCall Within(long prompt) => this with { Prompt = (Prompt % prompt) + 1, Cached = Cached % ((Prompt % prompt) + 1) };

    /// <summary>The same provider has several names, one for each way to it.</summary>
    public string Provider { get; init; } = "sim";

    public string Model => string.Create(
        CultureInfo.InvariantCulture, $"{Provider}:crash+chunks={Completion}+prompt={Prompt}+cached={Cached}+first={FirstMs}+delay={DelayMs}");

    /// <summary>At the prices 1, 0.1 and 2 per million tokens; a tenth of a millionth is a whole number of nano-units, so nothing is rounded.</summary>
    public decimal Cost => (((Prompt - Cached) * 1m) + (Cached * 0.1m) + (Completion * 2m)) / 1_000_000m;
}

/// <summary>An answer that its caller saw end: the JSON body whole, or <c>[DONE]</c>.</summary>
internal sealed record EndedAnswer(Guid Account, string RequestId, CrashCall Call);
