using Microsoft.Extensions.Options;
using MixGateway.Storage;

namespace MixGateway.Usage.Retention;

/// <summary>What happens to a month of usage records whose retention is over.</summary>
internal enum ExpiredMonths
{
    /// <summary>Its records are deleted.</summary>
    Drop,

    /// <summary>On PostgreSQL: its partition becomes a table of its own, to be archived and dropped by an operator.</summary>
    Detach,
}

/// <summary>How long usage records are kept; section <c>Usage</c>.</summary>
internal sealed class UsageRetentionOptions
{
    public const string Section = "Usage";

    /// <summary>Months that ended longer ago than this are cleared, but never the current month or the one before. Zero keeps everything.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.Zero;

    public ExpiredMonths ExpiredMonths { get; set; } = ExpiredMonths.Drop;
}

/// <summary>How long the audit log is kept; section <c>Audit</c>.</summary>
internal sealed class AuditRetentionOptions
{
    public const string Section = "Audit";

    /// <summary>Entries older than this are deleted. Zero keeps everything.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.Zero;
}

internal sealed class UsageRetentionOptionsValidation(IConfiguration configuration) : IValidateOptions<UsageRetentionOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, UsageRetentionOptions options)
    {
        if (RetentionTimes.Mistake("Usage:Retention", options.Retention) is { } mistake)
        {
            return ValidateOptionsResult.Fail(mistake);
        }

        return options.ExpiredMonths == ExpiredMonths.Detach && !StorageExtensions.UsesPostgres(configuration)
            ? ValidateOptionsResult.Fail("Usage:ExpiredMonths is Detach, which needs PostgreSQL: the embedded database has no partitions. Use Drop.")
            : ValidateOptionsResult.Success;
    }
}

internal sealed class AuditRetentionOptionsValidation : IValidateOptions<AuditRetentionOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AuditRetentionOptions options) =>
        RetentionTimes.Mistake("Audit:Retention", options.Retention) is { } mistake ? ValidateOptionsResult.Fail(mistake) : ValidateOptionsResult.Success;
}

/// <summary>The times that a retention may be.</summary>
internal static class RetentionTimes
{
    private static readonly TimeSpan Shortest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    /// <returns>Null if the time is allowed.</returns>
    public static string? Mistake(string setting, TimeSpan time) => time == TimeSpan.Zero || (time >= Shortest && time <= Longest)
        ? null
        : $"{setting} is {time}. Use a time from {Shortest} to {Longest}, such as 400.00:00:00 for 400 days, or 00:00:00 to keep everything.";
}
