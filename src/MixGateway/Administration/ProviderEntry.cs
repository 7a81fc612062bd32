using MixGateway.Catalog;

namespace MixGateway.Administration;

/// <summary>A provider as it is shown.</summary>
/// <param name="Health">All destinations taken together, as this replica sees them.</param>
/// <param name="Models">How many models are configured by their own id.</param>
/// <param name="TakesOtherModels">True if any other id of the provider is taken too: it has a price for <c>*</c>.</param>
internal sealed record ProviderEntry(
    string Name, string BaseUrl, HealthState Health, int Models, bool TakesOtherModels, IReadOnlyList<DestinationEntry> Destinations);

/// <summary>A credential of a provider as it is shown: never the credential itself.</summary>
/// <param name="Id">The credential's position in the configuration, and a piece of its SHA-256.</param>
/// <param name="Available">True if calls are sent there: a paused one still is where no other is left.</param>
/// <param name="CallsInFlight">On this replica.</param>
/// <param name="LastErrors">Newest first, ten at most, since this replica started.</param>
internal sealed record DestinationEntry(string Id, HealthState Health, bool Available, int CallsInFlight, IReadOnlyList<ProviderError> LastErrors);

/// <summary>A failure of a provider.</summary>
/// <param name="Code">The code that the caller got.</param>
/// <param name="Status">The provider's HTTP status; null where there was no answer.</param>
/// <param name="Message">What the provider or the network said, cut, with everything removed that looks like a secret.</param>
internal sealed record ProviderError(DateTime At, string Code, int? Status, string Message);
