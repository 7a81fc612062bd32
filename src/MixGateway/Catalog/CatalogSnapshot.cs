using System.Collections.Frozen;
using System.Collections.Immutable;
using MixGateway.Billing;

namespace MixGateway.Catalog;

/// <summary>What is done with a provider's call when the caller hangs up.</summary>
internal enum OnDisconnect
{
    /// <summary>Cancel at once; bill the prompt and what was delivered, by estimate. Models with hidden reasoning are drained all the same.</summary>
    Cancel,

    /// <summary>Read on for at most <see cref="Provider.DrainTimeout"/> to learn the true usage. The default.</summary>
    Drain,
}

/// <summary>Which of a provider's addresses are connected to.</summary>
internal enum UpstreamAddressFamily
{
    /// <summary>Whichever answers first.</summary>
    Any,
    IPv4,
    IPv6,
}

/// <summary>A model of a provider and what it costs.</summary>
/// <param name="Id">The provider's own id, or <c>*</c> for every id that is not listed.</param>
/// <param name="ContextLength">Tokens of prompt and completion together; null if not configured.</param>
/// <param name="MaxOutputTokens">The most tokens the model can answer with; null if not configured.</param>
/// <param name="Purchase">What the provider takes for it, which callers never see; null if not configured.</param>
internal sealed record Model(string Id, Price Price, long? ContextLength, long? MaxOutputTokens, Price? Purchase = null)
{
    public const string Wildcard = "*";

    /// <summary>The most tokens of one file, video or recording, or of anything given by address or id; null if not configured.</summary>
    public long? MaxMediaTokens { get; init; }

    /// <summary>Whether the model thinks without showing it; null to know it by its answers.</summary>
    public bool? HiddenReasoning { get; init; }
}

/// <summary>A credential of a provider: a destination in its YARP cluster.</summary>
/// <param name="Name">Stable within the provider while its position in the list is: <c>0</c>, <c>1</c>, …; never the secret.</param>
/// <param name="ApiKey">The secret, or empty where the provider needs none.</param>
internal sealed record Credential(string Name, string ApiKey)
{
    /// <summary>True if the secret is user and password of the provider's address, in the form of RFC 7617.</summary>
    public bool IsBasic { get; init; }

    /// <summary>What the <c>Authorization</c> header says; null if it says nothing.</summary>
    public string? Authorization => ApiKey.Length == 0 ? null : IsBasic ? $"Basic {ApiKey}" : $"Bearer {ApiKey}";

    /// <summary>Never prints the secret.</summary>
    public override string ToString() => $"Credential {Name}";
}

/// <summary>One upstream with an OpenAI-compatible API: a YARP cluster.</summary>
internal sealed record Provider
{
    /// <summary>The text before the colon in a model's name.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute http(s) address without a trailing slash, for example <c>https://api.deepseek.com/v1</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>What follows every path, with its question mark, such as <c>?api-version=2024-10-21</c>; empty for nothing. It may hold a secret.</summary>
    public string Query { get; init; } = "";

    /// <summary>Null to connect directly.</summary>
    public OutgoingProxy? Proxy { get; init; }

    /// <summary>What the provider asks the gateway for; null if it asks for nothing.</summary>
    public ClientCertificateFile? ClientCertificate { get; init; }

    /// <summary>What nobody is to read in a log or on a page.</summary>
    public IEnumerable<string> Secrets =>
        Credentials.Select(static credential => credential.ApiKey).Append(AddressPassword).Append(Proxy?.Password).Append(ClientCertificate?.Password).Concat(QuerySecrets)
            .OfType<string>().Where(static secret => secret.Length > 0);

    /// <summary>The password within <see cref="BaseUrl"/> as it was written; null if there is none.</summary>
    public string? AddressPassword { get; init; }

    /// <summary>Values of the query; the version of an interface is none.</summary>
    private IEnumerable<string> QuerySecrets => Query.TrimStart('?').Split('&').Where(static part => !part.StartsWith("api-version=", StringComparison.OrdinalIgnoreCase))
        .Select(static part => Uri.UnescapeDataString(part[(part.IndexOf('=', StringComparison.Ordinal) + 1)..]));

    public required ImmutableArray<Credential> Credentials { get; init; }

    /// <summary>By the provider's own id, <see cref="Model.Wildcard"/> included.</summary>
    public required FrozenDictionary<string, Model> Models { get; init; }

    /// <summary>The time a connection may take; default 10 s.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>From the request to the first byte of the answer's body; default 5 min (reasoning models think for long).</summary>
    public required TimeSpan FirstByteTimeout { get; init; }

    /// <summary>Between two reads of the answer; default 2 min.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>From the request to the end of the answer; default 1 h.</summary>
    public required TimeSpan TotalTimeout { get; init; }

    /// <summary>How long to read on after the caller left; default 30 s.</summary>
    public required TimeSpan DrainTimeout { get; init; }
    public required OnDisconnect OnDisconnect { get; init; }

    /// <summary>Whether streams ask for usage that the caller did not ask for; default true. False for a provider that refuses <c>stream_options</c>.</summary>
    public bool RequestStreamUsage { get; init; } = true;
    /// <summary>
    /// True if a request that the provider may have processed is sent again, once, after its connection was lost: the provider may charge
    /// twice for it.
    /// </summary>
    public bool ResendUnanswered { get; init; } = true;

    /// <summary>Which addresses of the host are connected to.</summary>
    public UpstreamAddressFamily AddressFamily { get; init; }

    /// <summary>Top-level request fields that would change model or price at our expense and are refused with 400.</summary>
    public required ImmutableArray<string> RefusedFields { get; init; }

    /// <summary>Top-level request fields that are taken out of what this provider is sent; none unless configured.</summary>
    public required ImmutableArray<string> RemovedFields { get; init; }

    /// <summary>Tools and request fields that this provider charges nothing for, so that they pass without a price; <c>*</c> is all. None unless configured.</summary>
    public ImmutableArray<string> FreeTools { get; init; } = [];

    /// <summary>Top-level request fields that make the provider run a tool, so that they pass only with a price.</summary>
    public ImmutableArray<string> ToolFields { get; init; } = ToolFieldDefaults.All;

    /// <summary>The <c>Cluster</c> section, flattened (<c>HttpRequest:Version</c> → <c>2</c>); read by Forwarding alone.</summary>
    public required ImmutableSortedDictionary<string, string> ClusterSettings { get; init; }

    /// <summary>The name alone.</summary>
    public override string ToString() => Name;
}

/// <summary>Everything that may be called, read from configuration; immutable, swapped as a whole.</summary>
internal sealed partial class CatalogSnapshot
{
    /// <summary>Rises by one with every accepted change of the configuration; 1 at start.</summary>
    public required long Revision { get; init; }

    /// <summary>ISO 4217 code of every price.</summary>
    public required string Currency { get; init; }
    public required FrozenDictionary<string, Provider> Providers { get; init; }

    /// <summary>The ways out for everything that is not a provider with a proxy of its own.</summary>
    public OutgoingRoutes Routes { get; init; } = OutgoingRoutes.Direct;

    /// <summary>A name of the operator's own to canonical names, tried in order.</summary>
    public required FrozenDictionary<string, ImmutableArray<string>> Aliases { get; init; }
}
