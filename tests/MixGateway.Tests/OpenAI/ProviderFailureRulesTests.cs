using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>Whose fault a provider's error is, by its status and its words.</summary>
public sealed class ProviderFailureRulesTests
{
    [Theory]
    // The gateway's credential and account, which providers report in many ways
    [InlineData(401, null, null, null, nameof(ProviderFailureKind.Credential))]
    [InlineData(403, "Country not supported", null, "unsupported_country", nameof(ProviderFailureKind.Credential))]
    [InlineData(402, "Insufficient Balance", "unknown_error", "invalid_request_error", nameof(ProviderFailureKind.Quota))]
    [InlineData(400, "API key not valid. Please pass a valid API key.", null, "400", nameof(ProviderFailureKind.Credential))]
    [InlineData(400, "Your credit balance is too low to access the API.", "invalid_request_error", null, nameof(ProviderFailureKind.Quota))]
    [InlineData(400, "Access denied, please make sure your account is in good standing.", null, "Arrearage", nameof(ProviderFailureKind.Quota))]
    [InlineData(400, "余额不足或无可用资源包,请充值。", null, "1113", nameof(ProviderFailureKind.Quota))]
    [InlineData(429, "You exceeded your current quota, please check your plan.", "insufficient_quota", "insufficient_quota", nameof(ProviderFailureKind.Quota))]
    [InlineData(429, "Rate limit reached for gpt-5", "requests", "rate_limit_exceeded", nameof(ProviderFailureKind.RateLimited))]
    // The caller's mistakes
    [InlineData(400, "Invalid value", "invalid_request_error", "invalid_value", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData(404, "No such model", "invalid_request_error", "model_not_found", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData(413, null, null, null, nameof(ProviderFailureKind.CallersMistake))]
    [InlineData(422, "detail", null, null, nameof(ProviderFailureKind.CallersMistake))]
    // What a caller wrote into the request, and the provider quotes, rests nobody
    [InlineData(400, "Invalid value: 'API key not valid' for role", "invalid_request_error", null, nameof(ProviderFailureKind.CallersMistake))]
    [InlineData(400, "The value \"Your credit balance is too low\" is not allowed", null, null, nameof(ProviderFailureKind.CallersMistake))]
    [InlineData(400, "This is a long explanation of what is wrong with the messages of the request: insufficient balance", null, null, nameof(ProviderFailureKind.CallersMistake))]
    // The provider's own
    [InlineData(409, "Conflict", null, null, nameof(ProviderFailureKind.Failed))]
    [InlineData(500, "insufficient_quota of a pool", "server_error", null, nameof(ProviderFailureKind.Failed))]
    [InlineData(529, "Overloaded", "overloaded_error", null, nameof(ProviderFailureKind.Failed))]
    public void Judge_ErrorStatus_IsWhoseFaultItIs(int status, string? message, string? type, string? code, string expected) =>
        ProviderFailureRules.Judge(status, new ProviderError(message, type, null, code)).ToString().Should().Be(expected);

    [Theory]
    [InlineData("Incorrect API key provided: sk-…", "invalid_request_error", "invalid_api_key", nameof(ProviderFailureKind.Credential))]
    [InlineData("no", null, "401", nameof(ProviderFailureKind.Credential))]
    [InlineData("no", null, "429", nameof(ProviderFailureKind.RateLimited))]
    [InlineData("slow down", "rate_limit_error", null, nameof(ProviderFailureKind.RateLimited))]
    [InlineData("no", "insufficient_quota", "429", nameof(ProviderFailureKind.Quota))]
    [InlineData("prompt is too long: 210000 tokens > 200000 maximum", null, "400", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("The input exceeds the maximum context length", null, null, nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("no", "BadRequestError", null, nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("no", null, "DataInspectionFailed", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("no", null, "1026", nameof(ProviderFailureKind.CallersMistake))]
    [InlineData("no", null, "1008", nameof(ProviderFailureKind.Quota))]
    [InlineData("no", null, "1002", nameof(ProviderFailureKind.RateLimited))]
    [InlineData("no", null, "502", nameof(ProviderFailureKind.Failed))]
    [InlineData("Overloaded", "overloaded_error", null, nameof(ProviderFailureKind.Failed))]
    [InlineData(null, null, "7", nameof(ProviderFailureKind.Failed))]
    public void Judge_ErrorInsideASuccess_IsReadByItsWords(string? message, string? type, string? code, string expected) =>
        ProviderFailureRules.Judge(null, new ProviderError(message, type, null, code)).ToString().Should().Be(expected);

    [Fact]
    public void Judge_NothingSaid_IsAFailure() => ProviderFailureRules.Judge(null, null).Should().Be(ProviderFailureKind.Failed);
}
