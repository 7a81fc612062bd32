namespace MixGateway.OpenAI;

/// <summary>What a provider's error body says; null where it says nothing.</summary>
/// <param name="Reason">Google's <c>status</c> or <c>details[].reason</c>: for the judgment alone, callers are not shown it.</param>
internal sealed record ProviderError(string? Message, string? Type, string? Param, string? Code, string? Reason = null);
