namespace MixGateway.Forwarding.Connections;

/// <summary>
/// What is seen of one request on its connection. The HTTP client does not say which connection it takes; the connection's stream
/// finds the request's exchange in the flow of the request that writes.
/// </summary>
/// <remarks>Holds nothing of the call: what the client starts in a request's flow may keep it for as long as the connection lives.</remarks>
internal sealed class UpstreamExchange(TimeProvider time)
{
    /// <summary>
    /// A provider that closes an idle connection does so before it sees the request: the news takes a round trip. One that takes longer
    /// may have read the request and failed while it worked on it.
    /// </summary>
    private static readonly TimeSpan LongestRoundTrip = TimeSpan.FromSeconds(1);

    private static readonly AsyncLocal<UpstreamExchange?> Present = new();

    private long _sentAt;
    private volatile bool _kept;
    private volatile bool _answerBegan;

    /// <summary>That of the request in whose flow the caller runs.</summary>
    public static UpstreamExchange? Current => Present.Value;

    /// <summary>True if a kept connection closed before any byte of an answer, and too soon for the request to have been processed.</summary>
    public bool ClosedUnused => _kept && !_answerBegan && time.GetElapsedTime(Volatile.Read(ref _sentAt)) <= LongestRoundTrip;

    /// <summary>Makes this the exchange of what the caller does from here on, until the calling method ends.</summary>
    public void Begin() => Present.Value = this;

    /// <summary>The request's first bytes go out.</summary>
    /// <param name="kept">True if the connection carried another request before.</param>
    public void OnSent(bool kept)
    {
        Volatile.Write(ref _sentAt, time.GetTimestamp());
        _kept = kept;
    }

    /// <summary>Something of an answer came.</summary>
    public void OnAnswerBegins() => _answerBegan = true;
}
