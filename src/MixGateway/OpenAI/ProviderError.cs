namespace MixGateway.OpenAI;

/// <summary>What a provider's error body says; null where it says nothing.</summary>
internal sealed record ProviderError(string? Message, string? Type, string? Param, string? Code);
