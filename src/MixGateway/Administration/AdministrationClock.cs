namespace MixGateway.Administration;

/// <summary>The time as it is stored and shown.</summary>
internal static class AdministrationClock
{
    /// <summary>UTC in whole milliseconds: PostgreSQL keeps fewer digits than a <see cref="DateTime"/> has, and an answer has to show what is stored.</summary>
    public static DateTime Now(this TimeProvider time) => WholeMilliseconds(time.GetUtcNow().UtcDateTime);

    /// <summary>Cuts off what is finer than a time is stored.</summary>
    public static DateTime WholeMilliseconds(this DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), time.Kind);

    /// <summary>A new id that sorts by <paramref name="now"/>.</summary>
    public static Guid NewId(DateTime now) => Guid.CreateVersion7(new DateTimeOffset(now));
}
