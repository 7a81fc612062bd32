namespace MixGateway.OpenAI;

/// <summary>An error as the caller gets it.</summary>
/// <param name="Status">The HTTP status, unless the answer has begun.</param>
/// <param name="Code">From the closed list of <see cref="OpenAIErrors"/>, or a provider's own.</param>
/// <param name="Message">What is wrong and what to do about it; shown to the caller.</param>
/// <param name="Param">The parameter at fault.</param>
internal sealed record OpenAIError(int Status, string Type, string? Code, string Message, string? Param = null)
{
    /// <summary>Sent as <c>retry-after</c>, rounded up to seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Sent as <c>x-should-retry</c>, which OpenAI's SDKs obey before they look at the status.</summary>
    public bool? ShouldRetry { get; init; }
}
