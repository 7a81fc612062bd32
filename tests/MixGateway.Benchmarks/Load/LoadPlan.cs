using System.Text;

namespace MixGateway.Benchmarks.Load;

/// <summary>How long a run takes.</summary>
/// <param name="Round">Time after which no worker begins another call.</param>
/// <param name="Streams">Paced streams that each worker reads in a round.</param>
internal sealed record LoadPlan(int Rounds, TimeSpan WarmUp, TimeSpan Round, int Streams)
{
    /// <summary>Between two and three minutes.</summary>
    public static readonly LoadPlan Full = new(Rounds: 5, WarmUp: TimeSpan.FromSeconds(2), Round: TimeSpan.FromSeconds(1.5), Streams: 3);

    /// <summary>Below forty seconds: enough to see that it runs, and a factor; not a few percent.</summary>
    public static readonly LoadPlan Short = new(Rounds: 2, WarmUp: TimeSpan.FromSeconds(0.7), Round: TimeSpan.FromSeconds(0.6), Streams: 1);
}

/// <summary>One kind of traffic.</summary>
/// <param name="Model">The simulator's script.</param>
/// <param name="Paced">Each worker reads a fixed number of streams, and the workers begin one after the other.</param>
internal sealed record LoadKind(string Name, string Model, int Concurrency, bool Stream, bool Paced = false)
{
    private const int BodyLength = 1024;

    /// <summary>The answers are about as long as the requests; streams report usage, as the gateway would ask for it anyway.</summary>
    public static readonly LoadKind[] All =
    [
        new("JSON, 1 KB, 1 caller", "sim+chunks=1+size=600", 1, Stream: false),
        new("JSON, 1 KB, 32 callers", "sim+chunks=1+size=600", 32, Stream: false),
        new("Stream, 50 chunks 10 ms apart, 50 callers", "sim+chunks=50+delay=10", 50, Stream: true, Paced: true),
        new("Stream, 50 chunks at once, 16 callers", "sim+chunks=50", 16, Stream: true),
    ];

    /// <param name="provider">What the model's name begins with.</param>
    public byte[] Request(string provider)
    {
        var stream = Stream ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}," : "";
        var head = $$"""{"model":"{{provider}}{{Model}}",{{stream}}"max_tokens":256,"temperature":0.7,"messages":[{"role":"user","content":" """;
        const string Tail = "\"}]}";
        return Encoding.UTF8.GetBytes(head.TrimEnd() + new string('x', BodyLength - head.TrimEnd().Length - Tail.Length) + Tail);
    }
}
