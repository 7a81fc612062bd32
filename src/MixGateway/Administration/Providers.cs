using MixGateway.Catalog;

namespace MixGateway.Administration;

/// <summary>The configured providers and how they do.</summary>
internal sealed class Providers(CatalogStore catalog, IProviderHealth health)
{
    /// <summary>By name; after <paramref name="page"/>'s cursor.</summary>
    public Outcome<Page<ProviderEntry>> List(PageRequest page)
    {
        string? last = null;
        if (page.After is { } after)
        {
            after.TryGet(out last);
        }

        List<Provider> rows =
        [
            .. catalog.Current.Providers.Values
                .Where(provider => last is null || string.CompareOrdinal(provider.Name, last) > 0)
                .OrderBy(provider => provider.Name, StringComparer.Ordinal)
                .Take(page.Take),
        ];
        return Page.Of(rows, page, Show, static provider => Cursor.Of(provider.Name));
    }

    public Outcome<ProviderEntry> Get(string name) =>
        catalog.Current.Providers.TryGetValue(name, out var provider)
            ? Show(provider)
            : new Refusal(RefusalReason.NotFound, "There is no provider with this name.");

    /// <summary>Of a query only the names: a value may be a secret.</summary>
    private static string AddressOf(Provider provider) =>
        provider.BaseUrl.AbsoluteUri.TrimEnd('/')
        + (provider.Query.Length == 0 ? "" : "?" + string.Join('&', provider.Query[1..].Split('&').Select(static part => part.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? part[..at] + "=…" : "…")));

    private ProviderEntry Show(Provider provider)
    {
        var destinations = health.Of(provider);
        return new ProviderEntry(
            provider.Name,
            AddressOf(provider),
            Together(destinations),
            provider.Models.Count(static model => model.Key != Model.Wildcard),
            provider.Models.ContainsKey(Model.Wildcard),
            [.. destinations.Select(Show)]);
    }

    private static DestinationEntry Show(DestinationStatus destination) => new(
        destination.Id,
        destination.Health,
        destination.IsAvailable,
        destination.CallsInFlight,
        [.. destination.LastErrors.Select(static error => new ProviderError(error.At.UtcDateTime.WholeMilliseconds(), error.Code, error.Status, error.Message))]);

    private static HealthState Together(IReadOnlyList<DestinationStatus> destinations)
    {
        var unhealthy = destinations.Count(static destination => destination.Health == HealthState.Unhealthy);
        if (unhealthy > 0)
        {
            return unhealthy == destinations.Count ? HealthState.Unhealthy : HealthState.Degraded;
        }

        return destinations.Any(static destination => destination.Health == HealthState.Healthy) ? HealthState.Healthy : HealthState.Unknown;
    }
}
