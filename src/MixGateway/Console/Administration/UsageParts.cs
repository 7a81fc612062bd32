using MixGateway.Administration;

namespace MixGateway.Console.Administration;

/// <summary>What an account used of a model; public, as components pass it on.</summary>
public sealed record ModelLine(string Model, long Requests, long Tokens, string Charged)
{
    internal static ModelLine Of(UsageSum sum) => new(sum.Group, sum.Requests, sum.PromptTokens + sum.CompletionTokens, sum.Charged.ToString());
}

/// <summary>A call of an account; public, as components pass it on.</summary>
/// <param name="Status">The name of a <c>CallStatus</c>.</param>
public sealed record CallLine(DateTime At, Guid RequestId, string Model, string Status, string? Error, int DurationMs, long Tokens, string Charged)
{
    internal static CallLine Of(UsageEntry entry) => new(
        entry.StartedAt, entry.RequestId, entry.Model, entry.Status.ToString(), entry.ErrorCode, entry.DurationMs, entry.PromptTokens + entry.CompletionTokens, entry.Charged.ToString());
}
