using MixGateway.Catalog;

namespace MixGateway.Forwarding;

/// <summary>What an attempt has come to, all of it of the same attempt: what another thread may say of a call while it runs.</summary>
/// <param name="Target">The candidate that the attempt is made with.</param>
/// <param name="Attempts">How many attempts were made, this one included.</param>
/// <param name="DeliveredBytes">Bytes of the answer's text that went to the caller.</param>
/// <param name="FirstTokenMs">Milliseconds from arrival to the first byte of the answer's body; null before it.</param>
internal readonly record struct CallProgress(ResolvedModel Target, int Attempts, long DeliveredBytes, int? FirstTokenMs);

/// <summary>
/// One attempt of a call. Its own thread writes it and the heartbeat reads it, so each value is one word, and another attempt is another
/// object: nobody sees the model of one attempt with the text of another.
/// </summary>
internal sealed class CallAttempt(ResolvedModel target, int number)
{
    private const long None = -1;

    private long _deliveredBytes;
    private long _firstToken = None;

    public ResolvedModel Target => target;

    /// <summary>1 for the first attempt; 0 before it.</summary>
    public int Number => number;

    /// <inheritdoc cref="CallProgress.DeliveredBytes"/>
    public long DeliveredBytes
    {
        get => Interlocked.Read(ref _deliveredBytes);
        set => Interlocked.Exchange(ref _deliveredBytes, value);
    }

    /// <summary>From arrival to the first byte of the answer's body; null before it.</summary>
    public TimeSpan? FirstToken => Interlocked.Read(ref _firstToken) is var ticks and not None ? new TimeSpan(ticks) : null;

    /// <summary>The first one counts.</summary>
    public void OnFirstByte(TimeSpan elapsed) => Interlocked.CompareExchange(ref _firstToken, elapsed.Ticks, None);
}
