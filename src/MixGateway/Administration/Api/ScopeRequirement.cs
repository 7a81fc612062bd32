namespace MixGateway.Administration.Api;

/// <summary>What a token has to have for an endpoint; one without any can be called with <c>Bootstrap:AdminToken</c> alone.</summary>
internal sealed record ScopeRequirement(string Scope);
