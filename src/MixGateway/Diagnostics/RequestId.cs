using Microsoft.Extensions.Primitives;

namespace MixGateway.Diagnostics;

/// <summary>
/// The id of one request: a UUIDv7 of ours, never the caller's. Its time is the arrival in milliseconds and names the
/// partition of the usage record, so both are made here together.
/// </summary>
internal sealed class RequestId
{
    private string? _text;

    private RequestId(Guid value, DateTime arrivedAt)
    {
        Value = value;
        ArrivedAt = arrivedAt;
    }

    public Guid Value { get; }

    /// <summary>UTC, whole milliseconds: exactly the time in <see cref="Value"/>.</summary>
    public DateTime ArrivedAt { get; }

    public static RequestId Create(TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var arrivedAt = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
        return new RequestId(Guid.CreateVersion7(new DateTimeOffset(arrivedAt)), arrivedAt);
    }

    public override string ToString() => _text ??= Value.ToString();

    public static implicit operator StringValues(RequestId id) => new(id.ToString());
}
