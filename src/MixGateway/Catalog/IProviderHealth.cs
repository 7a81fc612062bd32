namespace MixGateway.Catalog;

/// <summary>What calls have shown of a destination, or of all destinations of a provider.</summary>
internal enum HealthState
{
    /// <summary>No call has shown anything yet, or not since the last pause ended.</summary>
    Unknown,
    Healthy,

    /// <summary>Of a provider: some of its destinations are paused, others are not.</summary>
    Degraded,

    /// <summary>Paused after a failure; of a provider: all of its destinations are.</summary>
    Unhealthy,
}

/// <summary>A failure that was the provider's, not the caller's.</summary>
/// <param name="Code">What the caller was told, from the list of the gateway's own error codes.</param>
/// <param name="Status">The provider's HTTP status; null where there was no answer.</param>
/// <param name="Message">What the provider or the network said; without secrets, and not long.</param>
internal sealed record ProviderFault(DateTimeOffset At, string Code, int? Status, string Message);

/// <summary>One credential of a provider at work.</summary>
/// <param name="Id">The credential's position and a piece of its hash; never the credential.</param>
/// <param name="IsAvailable">True if calls are sent there: a paused one still is where no other is left.</param>
/// <param name="LastErrors">Newest first; a few.</param>
internal sealed record DestinationStatus(string Id, HealthState Health, bool IsAvailable, int CallsInFlight, IReadOnlyList<ProviderFault> LastErrors);

/// <summary>How the destinations of a provider do, as this process sees it. Whoever forwards the calls knows.</summary>
internal interface IProviderHealth
{
    /// <summary>In the order of the provider's credentials.</summary>
    IReadOnlyList<DestinationStatus> Of(Provider provider);
}
