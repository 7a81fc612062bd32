using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>What every call to a provider needs, made once per provider: the addresses and each destination's credential.</summary>
internal sealed class UpstreamTarget
{
    private readonly FrozenDictionary<string, Credential> _credentials;
    private readonly Uri _chatCompletions;
    private readonly Uri _completions;
    private readonly Uri _embeddings;

    public UpstreamTarget(Provider provider)
    {
        _chatCompletions = Address(provider, "/chat/completions");
        _completions = Address(provider, "/completions");
        _embeddings = Address(provider, "/embeddings");
        _credentials = provider.Credentials.ToFrozenDictionary(DestinationId, StringComparer.Ordinal);
    }

    /// <summary>
    /// A destination of the provider's cluster. Part of the credential's hash is in it, so that a replaced credential does
    /// not inherit the health of the one before it.
    /// </summary>
    public static string DestinationId(Credential credential) =>
        $"{credential.Name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(credential.ApiKey)).AsSpan(0, 4))}";

    /// <summary>The name of a destination's credential, such as <c>0</c>.</summary>
    public static string CredentialNameOf(string destinationId) => destinationId[..destinationId.LastIndexOf('-')];

    public Uri AddressOf(ApiOperation operation) => operation switch
    {
        ApiOperation.Completions => _completions,
        ApiOperation.Embeddings => _embeddings,
        _ => _chatCompletions,
    };

    /// <summary>A destination's credential; null if the pool changed under the call.</summary>
    public Credential? CredentialOf(string destinationId) => _credentials.GetValueOrDefault(destinationId);

    private static Uri Address(Provider provider, string path) => new(provider.BaseUrl.AbsoluteUri.TrimEnd('/') + path + provider.Query);
}
