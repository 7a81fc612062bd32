using Microsoft.Extensions.Options;

namespace MixGateway.Billing.Reconciliation;

/// <summary>Section <c>Billing:Reconciliation</c>.</summary>
internal sealed class ReconciliationOptions
{
    public const string Section = "Billing:Reconciliation";

    /// <summary>How often each replica compares its stores; zero for only on request.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);
}

internal sealed class ReconciliationOptionsValidation : IValidateOptions<ReconciliationOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ReconciliationOptions options) =>
        options.Interval == TimeSpan.Zero || (options.Interval >= Shortest && options.Interval <= Longest)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Billing:Reconciliation:Interval is {options.Interval}; write a time from {Shortest} to {Longest}, such as 01:00:00, or 00:00:00 for only on request.");
}
