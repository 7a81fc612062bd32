namespace MixGateway.OpenAI;

/// <summary>Whose fault a provider's failure is, which decides who is asked next and what the caller is told.</summary>
internal enum ProviderFailureKind
{
    /// <summary>The provider failed. Another credential or model may do better.</summary>
    Failed,

    /// <summary>The request is wrong: every provider would say so.</summary>
    CallersMistake,

    /// <summary>The gateway's credential is wrong, revoked or not allowed to do this.</summary>
    Credential,

    /// <summary>The gateway's account at the provider has no money or no quota left.</summary>
    Quota,

    /// <summary>The provider limits the rate of the gateway's credential.</summary>
    RateLimited,
}

/// <summary>A failure that a provider reports in the place of an answer, or in the middle of one.</summary>
/// <param name="Status">What the caller is answered where <see cref="Kind"/> is its own mistake: 400, 404, 413 or 422; otherwise the status that the error names, or 0.</param>
/// <param name="Error">What the provider said, not cleaned; null where it said nothing that can be read.</param>
/// <param name="Summary">What happened, in words of the gateway's own.</param>
internal sealed record ProviderFailure(ProviderFailureKind Kind, int Status, ProviderError? Error, string Summary);
