using MixGateway.Catalog;
using Yarp.ReverseProxy.Configuration;

namespace MixGateway.Forwarding;

/// <summary>Reads a provider's <c>Cluster</c> section as YARP's own cluster configuration.</summary>
internal static class ClusterSettings
{
    /// <exception cref="InvalidOperationException">A value has the wrong form; the message names its key.</exception>
    public static ClusterConfig Bind(Provider provider)
    {
        if (provider.ClusterSettings.IsEmpty)
        {
            return new ClusterConfig();
        }

        return new ConfigurationBuilder()
            .AddInMemoryCollection(provider.ClusterSettings.Select(static p => KeyValuePair.Create(p.Key, (string?)Spell(p.Key, p.Value))))
            .Build()
            .Get<ClusterConfig>(static options => options.ErrorOnUnknownConfiguration = true) ?? new ClusterConfig();
    }

    /// <summary>YARP's own reader takes "2" for a version of HTTP, as its documentation writes it; the binder wants two numbers.</summary>
    private static string Spell(string key, string value) =>
        key.Equals("HttpRequest:Version", StringComparison.OrdinalIgnoreCase) && !value.Contains('.', StringComparison.Ordinal) ? value + ".0" : value;
}

/// <summary>Lets YARP judge every <c>Cluster</c> section together with the rest of the catalog.</summary>
internal sealed class ClusterRule(IConfigValidator validator) : ICatalogRule
{
    public void Check(CatalogSnapshot snapshot, ICollection<string> errors)
    {
        foreach (var provider in snapshot.Providers.Values)
        {
            foreach (var error in ErrorsOf(provider))
            {
                errors.Add($"Providers:{provider.Name}:Cluster: {error}");
            }
        }
    }

    private IEnumerable<string> ErrorsOf(Provider provider)
    {
        if (provider.ClusterSettings.Keys.Any(static key => key.StartsWith("Destinations", StringComparison.OrdinalIgnoreCase) || key.Equals("ClusterId", StringComparison.OrdinalIgnoreCase)))
        {
            return ["ClusterId and Destinations come from the provider itself. Remove them; set BaseUrl and ApiKeys instead."];
        }

        try
        {
            // YARP's validator completes synchronously for everything that needs no I/O, and none of its rules does.
            return validator.ValidateClusterAsync(CatalogProxyConfig.ClusterOf(provider)).AsTask().GetAwaiter().GetResult().Select(static e => e.Message);
        }
        catch (InvalidOperationException e)
        {
            return [e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message];
        }
    }
}
