using Microsoft.Extensions.Options;

namespace MixGateway.Forwarding;

/// <summary>The <c>Limits</c> section: what one call may ask of the gateway and of providers.</summary>
internal sealed class LimitsOptions
{
    public const string Section = "Limits";
    public const long DefaultMaxRequestBody = 32L * 1024 * 1024;
    public const int DefaultMaxAttempts = 3;

    /// <summary>32 MiB at 2.2 Mbit/s.</summary>
    public static readonly TimeSpan DefaultBodyTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of one request's body; a longer one is answered with 413.</summary>
    public long MaxRequestBody { get; set; } = DefaultMaxRequestBody;

    /// <summary>
    /// Bytes that all calls together may hold in memory: bodies, answers that are held whole, long events. Beyond it calls are answered
    /// with 503. Not set: <see cref="BufferBudget.DefaultLimit"/> of the memory that the process may use.
    /// </summary>
    public long? MaxBufferedBytes { get; set; }

    /// <summary>From a call's arrival until its body is there whole; a slower one is answered with 408.</summary>
    public TimeSpan BodyTimeout { get; set; } = DefaultBodyTimeout;

    /// <summary>Silence after which a caller who waits for a stream gets a comment, so that proxies keep the connection; zero for never.</summary>
    public TimeSpan StreamHeartbeat { get; set; }

    /// <summary>Requests to providers that one call may lead to, over credentials and models; 1 tries nothing again.</summary>
    public int MaxAttempts { get; set; } = DefaultMaxAttempts;
}

/// <summary>Says what is wrong with the <c>Limits</c> section.</summary>
internal sealed class ValidateLimitsOptions : IValidateOptions<LimitsOptions>
{
    /// <summary>A .NET array, which a body is read into, holds no more.</summary>
    private const long LargestBody = 1024L * 1024 * 1024;

    private const int MostAttempts = 10;

    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestBodyTimeout = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var errors = new List<string>();
        if (options.MaxRequestBody is < 1 or > LargestBody)
        {
            errors.Add($"{LimitsOptions.Section}:{nameof(options.MaxRequestBody)}: must be from 1 to {LargestBody} bytes, not {options.MaxRequestBody}.");
        }

        if (options.MaxBufferedBytes < options.MaxRequestBody)
        {
            errors.Add($"{LimitsOptions.Section}:{nameof(options.MaxBufferedBytes)}: must hold at least one body of {LimitsOptions.Section}:{nameof(options.MaxRequestBody)} ({options.MaxRequestBody} bytes), not {options.MaxBufferedBytes}.");
        }

        if (options.BodyTimeout <= TimeSpan.Zero || options.BodyTimeout > LongestBodyTimeout)
        {
            errors.Add($"{LimitsOptions.Section}:{nameof(options.BodyTimeout)}: must be longer than zero and at most {LongestBodyTimeout}, not {options.BodyTimeout}.");
        }

        if (options.StreamHeartbeat != TimeSpan.Zero && (options.StreamHeartbeat < ShortestHeartbeat || options.StreamHeartbeat > LongestHeartbeat))
        {
            errors.Add($"{LimitsOptions.Section}:{nameof(options.StreamHeartbeat)}: must be 00:00:00 for none, or from {ShortestHeartbeat} to {LongestHeartbeat}, not {options.StreamHeartbeat}.");
        }

        if (options.MaxAttempts is < 1 or > MostAttempts)
        {
            errors.Add($"{LimitsOptions.Section}:{nameof(options.MaxAttempts)}: must be from 1 to {MostAttempts}, not {options.MaxAttempts}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
