using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MixGateway.Quotas;

/// <summary>What the hot store may be trusted with.</summary>
internal enum HotStoreKind
{
    /// <summary>Ask the server: <c>appendonly</c>, <c>appendfsync</c> and <c>maxmemory-policy</c> decide.</summary>
    Auto,

    /// <summary>What it has acknowledged survives its death: the end of an answer may follow a settle.</summary>
    Durable,

    /// <summary>It may forget: the end of an answer follows the database alone.</summary>
    Volatile,
}

/// <summary>Section <c>Quotas</c>.</summary>
internal sealed class QuotasOptions
{
    public const string Section = "Quotas";

    /// <summary>As an operator writes it.</summary>
    public const string KeyPrefixName = Section + ":" + nameof(KeyPrefix);

    /// <summary>A call whose gateway is silent for this long is abandoned.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a gateway says that its calls are alive; several must fit into a lease.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often each replica looks for calls that are due.</summary>
    public TimeSpan Sweep { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Output tokens held for a call where neither the caller nor the model sets a limit.</summary>
    public long DefaultMaxOutputTokens { get; set; } = 8192;

    /// <summary>
    /// A call that costs more than is available, but not with a shorter answer, is sent with a smaller limit on its answer
    /// instead of being refused.
    /// </summary>
    public bool CapOutputToBalance { get; set; }

    /// <summary>
    /// HTTP status of <c>insufficient_quota</c>: 402, at which clients stop, or 429 as OpenAI answers it, which most agents repeat
    /// whatever the other headers say.
    /// </summary>
    public int InsufficientQuotaStatus { get; set; } = StatusCodes.Status402PaymentRequired;

    /// <summary>New calls are refused with 503 while this many are running or wait for the database.</summary>
    public long MaxPending { get; set; } = 100_000;

    /// <summary>An account or a key that was not used for this long, and has nothing in flight, leaves the hot store until it is used again. Zero: none ever leaves.</summary>
    public TimeSpan ForgetIdle { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Overrides what the server says of itself, for managed services that hide their configuration.</summary>
    public HotStoreKind HotStore { get; set; } = HotStoreKind.Auto;

    /// <summary>Put before every key, so that several installations can share one Redis.</summary>
    public string KeyPrefix { get; set; } = "";

    /// <summary>
    /// Memory of the embedded store in mebibytes; new calls are refused with 503 from 80 % of it. Not set:
    /// <see cref="EmbeddedGarnet.DefaultMemory"/>.
    /// </summary>
    public int? EmbeddedMemory { get; set; }
}

/// <summary>Names every wrong setting at once.</summary>
internal sealed partial class QuotasOptionsValidator : IValidateOptions<QuotasOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, QuotasOptions options)
    {
        List<string> errors = [];
        if (options.Lease < TimeSpan.FromSeconds(3) || options.Lease > TimeSpan.FromMinutes(10))
        {
            errors.Add($"Quotas:Lease is {options.Lease}: set it between 00:00:03 and 00:10:00.");
        }

        if (options.Heartbeat <= TimeSpan.Zero || options.Heartbeat > options.Lease / 2)
        {
            errors.Add($"Quotas:Heartbeat is {options.Heartbeat}: set it above zero and at most half of Quotas:Lease ({options.Lease}).");
        }

        if (options.Sweep <= TimeSpan.Zero || options.Sweep > options.Lease / 3)
        {
            errors.Add($"Quotas:Sweep is {options.Sweep}: set it above zero and at most a third of Quotas:Lease ({options.Lease}).");
        }

        if (options.DefaultMaxOutputTokens is < 1 or > 100_000_000)
        {
            errors.Add($"Quotas:DefaultMaxOutputTokens is {options.DefaultMaxOutputTokens}: set it between 1 and 100000000.");
        }

        if (options.InsufficientQuotaStatus is not (StatusCodes.Status402PaymentRequired or StatusCodes.Status429TooManyRequests))
        {
            errors.Add($"Quotas:InsufficientQuotaStatus is {options.InsufficientQuotaStatus}: set it to 402 or 429.");
        }

        if (options.MaxPending < 1)
        {
            errors.Add($"Quotas:MaxPending is {options.MaxPending}: set it to 1 or more.");
        }

        if (options.ForgetIdle != TimeSpan.Zero && (options.ForgetIdle < TimeSpan.FromHours(1) || options.ForgetIdle > TimeSpan.FromDays(3650)))
        {
            errors.Add($"Quotas:ForgetIdle is {options.ForgetIdle}: set it between 01:00:00 and 3650.00:00:00, or to 00:00:00 to keep everything.");
        }

        if (!Enum.IsDefined(options.HotStore))
        {
            errors.Add("Quotas:HotStore is unknown: set it to Auto, Durable or Volatile.");
        }

        if (!KeyPrefix().IsMatch(options.KeyPrefix))
        {
            errors.Add($"{QuotasOptions.KeyPrefixName} is not allowed: set it to at most 64 letters, digits, '-', '_', '.' and ':'.");
        }

        if (options.EmbeddedMemory is < 32 or > 65_536)
        {
            errors.Add($"Quotas:EmbeddedMemory is {options.EmbeddedMemory} MiB: set it between 32 and 65536.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>No braces: Redis Cluster would take what is in them for the keys' place.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_.:-]{0,64}\z")]
    private static partial Regex KeyPrefix();
}
