using Microsoft.Extensions.Options;

namespace MixGateway.Billing;

/// <summary>How days and months are counted on a bill; section <c>Billing</c>, whose prices and currency the catalog reads.</summary>
internal sealed class BillingOptions
{
    public const string Section = "Billing";

    /// <summary>An IANA name such as <c>Asia/Shanghai</c>. A day that was summed is not summed anew when this changes.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <exception cref="TimeZoneNotFoundException"><see cref="TimeZone"/> was not validated.</exception>
    public TimeZoneInfo GetTimeZone() => TimeZoneInfo.FindSystemTimeZoneById(TimeZone);
}

internal sealed class BillingOptionsValidation : IValidateOptions<BillingOptions>
{
    public ValidateOptionsResult Validate(string? name, BillingOptions options) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Billing:TimeZone is \"{options.TimeZone}\", which this system does not know; write an IANA name such as Europe/Berlin, or UTC.");
}
