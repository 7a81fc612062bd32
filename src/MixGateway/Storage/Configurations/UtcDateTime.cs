using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MixGateway.Storage.Configurations;

/// <summary>Every time is UTC: another kind is refused when written, and what is read says that it is UTC (SQLite forgets).</summary>
internal sealed class UtcDateTime() : ValueConverter<DateTime, DateTime>(
    value => Checked(value),
    value => DateTime.SpecifyKind(value, DateTimeKind.Utc))
{
    private static DateTime Checked(DateTime value) =>
        value.Kind == DateTimeKind.Utc ? value : throw new ArgumentException($"The time {value:O} is not UTC.", nameof(value));
}
