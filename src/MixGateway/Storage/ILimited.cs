namespace MixGateway.Storage;

/// <summary>The limits that keys and accounts have alike. Null means that there is none.</summary>
internal interface ILimited
{
    long? RequestsPerMinute { get; set; }

    long? TokensPerMinute { get; set; }

    /// <summary>Calls at the same time.</summary>
    int? MaxConcurrent { get; set; }

    /// <summary>Nano-units of the billing currency a <see cref="SpendLimitPeriod"/>; both are set or neither is.</summary>
    long? SpendLimitNanos { get; set; }

    SpendLimitPeriod? SpendLimitPeriod { get; set; }
}
