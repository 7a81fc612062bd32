using System.Collections.Immutable;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Routing;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// One call on its way through: what was asked, by whom, where it was sent and what came of it. A feature of the
/// <see cref="HttpContext"/>, so that YARP's transforms find it.
/// </summary>
internal sealed class Call : IDisposable
{
    private readonly long _startedAt;
    private readonly TimeProvider _time;
    private UpstreamWatch? _watch;
    private volatile CallAttempt _attempt = new(null!, 0);
    private volatile bool _recorded;
    private volatile WatchReason _endReason;
    private CallTimes _times;
    private int? _admissionMs;
    private bool _answerBegun;

    public Call(HttpContext context, ApiOperation operation, Caller caller, CallBuffers buffers, TimeProvider time)
    {
        Context = context;
        Id = context.GetRequestId();
        Operation = operation;
        Caller = caller;
        Buffers = buffers;
        CallerAborted = context.RequestAborted;
        _time = time;
        _startedAt = time.GetTimestamp();
        _times = new CallTimes(time);
    }

    public HttpContext Context { get; }
    public RequestId Id { get; }
    public ApiOperation Operation { get; }

    /// <summary>As it was when the call was last checked.</summary>
    public Caller Caller { get; set; }

    /// <summary>Kestrel's own token: <see cref="HttpContext.RequestAborted"/> is replaced by each attempt's.</summary>
    public CancellationToken CallerAborted { get; }

    /// <summary>What the call holds in memory; every buffer that grows with the call takes from it.</summary>
    public CallBuffers Buffers { get; }

    public CatalogSnapshot Catalog { get; set; } = null!;
    public RequestBody Body { get; set; } = null!;

    /// <summary>Bytes of the whole body, also after only a sample of it is kept.</summary>
    public int BodyLength { get; set; }
    public RequestEnvelope Envelope { get; set; } = null!;

    /// <summary>Null until there is one; never null once the call is held.</summary>
    public RoutePlan? Plan { get; set; }

    /// <summary>The candidate of the present attempt, or of the last one; before it, the first of the plan.</summary>
    public ResolvedModel Target
    {
        get => _attempt.Target;
        set => _attempt = new CallAttempt(value, _attempt.Number);
    }

    /// <summary>What the provider is asked to run, by members of the request that any candidate takes for that.</summary>
    public ImmutableArray<AskedTool> Tools { get; set; } = [];

    /// <summary>The secret that the present attempt sends, so that a provider's message that repeats it can be cleaned; never logged.</summary>
    public string? Credential { get; set; }

    /// <summary>How many attempts were made, the present one included.</summary>
    public int Attempts => _attempt.Number;

    /// <summary>Set if the answer is limited to what the balance pays for: tokens of each choice.</summary>
    public long? OutputCap { get; set; }

    /// <summary>What the call may use at most, as it was admitted.</summary>
    public CallSize Size { get; set; }

    /// <summary>True if the present attempt asks for the usage of a stream also where the caller did not.</summary>
    public bool AsksStreamUsage { get; set; } = true;

    /// <summary>True once a provider was sent the first byte of the request: from then on the prompt may have to be paid for.</summary>
    public bool WasSent { get; set; }

    /// <summary>True if the present attempt may use a connection alone that carried nothing before.</summary>
    public bool NeedsNewConnection { get; private set; }

    /// <summary>True once the request was sent again although a provider may have processed it; that happens once.</summary>
    public bool IsResent { get; set; }

    /// <summary>What the hot store granted.</summary>
    public HeldCall Held { get; set; } = null!;

    public UpstreamWatch Watch
    {
        get => Volatile.Read(ref _watch)!;
        set
        {
            // With a full fence here and in End one of the two sees the other: an end between two attempts is not lost.
            Interlocked.Exchange(ref _watch, value);
            if (_endReason is not WatchReason.None)
            {
                value.End(_endReason);
            }
        }
    }

    /// <summary>Bytes of the answer's text that went to the caller so far.</summary>
    public long DeliveredBytes
    {
        get => _attempt.DeliveredBytes;
        set => _attempt.DeliveredBytes = value;
    }

    /// <summary>What the present attempt has come to; may be read by any thread.</summary>
    public CallProgress Progress
    {
        get
        {
            var attempt = _attempt;
            return new CallProgress(attempt.Target, attempt.Number, attempt.DeliveredBytes, attempt.FirstToken is { } first ? Milliseconds(first) : null);
        }
    }

    /// <summary>What the present attempt led to; null until it is known.</summary>
    public CallOutcome? Outcome { get; set; }

    /// <summary>What went wrong with the last attempt that failed; null if none did, or nobody said anything about it.</summary>
    public AttemptFault? LastFault { get; set; }

    /// <summary>Milliseconds that the end of the answer waited for its record to be durable; null before that.</summary>
    public int? SettlementMs { get; set; }

    /// <summary>Milliseconds from arrival until the call was admitted; null before that.</summary>
    public int? AdmissionMs => _admissionMs;

    /// <summary>From arrival to the first byte of the answer's body.</summary>
    public TimeSpan? FirstToken => _attempt.FirstToken;

    /// <summary><see cref="FirstToken"/> in milliseconds.</summary>
    public int? FirstTokenMs => FirstToken is { } first ? Milliseconds(first) : null;

    /// <summary>True if its account is being debugged, as of its admission.</summary>
    public bool IsDebugged { get; set; }

    public ref CallTimes Times => ref _times;

    /// <summary>The call's record as it was settled; null before that.</summary>
    public UsageRecord? Record { get; set; }

    /// <summary>True when the record is in the books: it is offered once, whoever ends the call.</summary>
    public bool Recorded
    {
        get => _recorded;
        set => _recorded = value;
    }

    public TimeSpan Elapsed => _time.GetElapsedTime(_startedAt);

    public int ElapsedMs => Milliseconds(Elapsed);

    /// <summary>Ends the call from outside: this attempt and any that would follow.</summary>
    public void End(WatchReason reason)
    {
        _endReason = reason;
        Interlocked.MemoryBarrier();
        Volatile.Read(ref _watch)?.End(reason);
    }

    /// <param name="needsNewConnection">See <see cref="NeedsNewConnection"/>.</param>
    public void BeginAttempt(ResolvedModel target, bool needsNewConnection = false)
    {
        _attempt = new CallAttempt(target, Attempts + 1);
        NeedsNewConnection = needsNewConnection;
        Outcome = null;
        Credential = null;
    }

    /// <summary>True as long as the body is here whole, so that another attempt can send it.</summary>
    public bool CanBeSentAgain => Body.Length == BodyLength;

    public void OnAdmitted() => _admissionMs = ElapsedMs;

    public void OnFirstByte() => _attempt.OnFirstByte(Elapsed);

    /// <summary>Keeps the caller of a stream that is silent connected; null if that is not configured, or not needed any more.</summary>
    public StreamHeartbeat? Heartbeat { get; set; }

    /// <summary>True once the caller got the stream's last event.</summary>
    public bool IsStreamEnded { get; set; }

    /// <summary>From here on the answer is the caller's: no other attempt will need the body.</summary>
    public void OnAnswerBegins() => TryBeginAnswer();

    /// <inheritdoc cref="OnAnswerBegins"/>
    /// <returns>True the first time.</returns>
    public bool TryBeginAnswer()
    {
        if (_answerBegun)
        {
            return false;
        }

        _answerBegun = true;
        Body.KeepSample();
        return true;
    }

    /// <summary>No comment is written from here on.</summary>
    public async ValueTask StopHeartbeatAsync()
    {
        if (Heartbeat is { } heartbeat)
        {
            Heartbeat = null;
            await heartbeat.DisposeAsync();
        }
    }

    public void Dispose()
    {
        Body?.Dispose();
        Buffers.Dispose();
    }

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(int.MaxValue, time.TotalMilliseconds);
}
