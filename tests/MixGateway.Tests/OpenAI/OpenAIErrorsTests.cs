using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>Status, type and code are a promise to callers' code.</summary>
public sealed class OpenAIErrorsTests
{
    private static readonly OpenAIError[] All =
    [
        OpenAIErrors.MissingKey(),
        OpenAIErrors.InvalidKey(),
        OpenAIErrors.AccountSuspended(),
        OpenAIErrors.ModelNotAllowed("p:m"),
        OpenAIErrors.AddressNotAllowed(),
        OpenAIErrors.InvalidJson("Broken."),
        OpenAIErrors.InvalidParameter("stream", "Wrong."),
        OpenAIErrors.ModelNotFound("p:m"),
        OpenAIErrors.UnknownUrl("/v1/x", null),
        OpenAIErrors.MethodNotAllowed("PUT", "POST"),
        OpenAIErrors.UnsupportedMediaType(),
        OpenAIErrors.RequestTimeout(),
        OpenAIErrors.RequestTooLarge(1 << 20),
        OpenAIErrors.InsufficientQuota("Too little.", 402),
        OpenAIErrors.RateLimitExceeded("Too many.", TimeSpan.FromSeconds(3)),
        OpenAIErrors.UpstreamRateLimited(TimeSpan.FromSeconds(3)),
        OpenAIErrors.UpstreamError("It broke."),
        OpenAIErrors.UpstreamUnreachable(),
        OpenAIErrors.UpstreamUnavailable(TimeSpan.FromSeconds(3)),
        OpenAIErrors.UpstreamTimeout(),
        OpenAIErrors.ServiceUnavailable("Stopping."),
        OpenAIErrors.InternalError(),
    ];

    /// <summary>Agents that decide by words alone: one looks for the first of these, another for the second.</summary>
    [Fact]
    public void InStream_ErrorsThatCanBeTriedAgain_HaveTheWordsThatClientsLookFor()
    {
        foreach (var error in All.Where(error => error.Status is 429 or >= 500).Select(OpenAIErrors.InStream))
        {
            error.Message.Should().Contain("server error").And.Contain("connection reset");
            OpenAIErrors.InStream(error).Should().Be(error);
        }

        All.Where(error => error.Status is not 429 and < 500).Should().OnlyContain(error => OpenAIErrors.InStream(error) == error);
    }

    [Fact]
    public void All_StatusTypeAndCode_AreThePromisedOnes() =>
        All.Select(error => $"{error.Status} {error.Type} {error.Code ?? "null"} {error.Param ?? "-"}").Should().Equal(
            "401 invalid_request_error invalid_api_key -",
            "401 invalid_request_error invalid_api_key -",
            "403 permission_error account_suspended -",
            "403 permission_error model_not_allowed model",
            "403 permission_error ip_not_allowed -",
            "400 invalid_request_error null -",
            "400 invalid_request_error null stream",
            "404 invalid_request_error model_not_found model",
            "404 invalid_request_error unknown_url -",
            "405 invalid_request_error method_not_allowed -",
            "415 invalid_request_error unsupported_media_type -",
            "408 invalid_request_error request_timeout -",
            "413 invalid_request_error request_too_large -",
            "402 insufficient_quota insufficient_quota -",
            "429 rate_limit_error rate_limit_exceeded -",
            "429 rate_limit_error upstream_rate_limited -",
            "502 upstream_error upstream_error -",
            "502 upstream_error upstream_unreachable -",
            "503 upstream_error upstream_unavailable -",
            "504 upstream_error upstream_timeout -",
            "503 server_error service_unavailable -",
            "500 server_error internal_error -");

    [Fact]
    public void All_ServiceUnavailable_SaysWhenToRetry() =>
        All.Where(error => error.Status == 503).Should().OnlyContain(error => error.RetryAfter > TimeSpan.Zero);

    [Fact]
    public void InsufficientQuota_WithoutATime_IsNotToBeRetried() => OpenAIErrors.InsufficientQuota("x", 402).ShouldRetry.Should().BeFalse();

    [Fact]
    public void InsufficientQuota_ThatRunningCallsCause_IsToBeRetriedAfterATime()
    {
        var error = OpenAIErrors.InsufficientQuota("x", 429, TimeSpan.FromSeconds(1));

        (error.Status, error.ShouldRetry, error.RetryAfter).Should().Be((429, true, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void All_Unauthorized_AreNotToBeRetried() => All.Where(static error => error.Status == 401).Should().OnlyContain(static error => error.ShouldRetry == false);

    [Fact]
    public void ModelNotFound_VeryLongName_IsNotRepeatedWhole() =>
        OpenAIErrors.ModelNotFound(new string('m', 10_000)).Message.Length.Should().BeLessThan(500);

    [Fact]
    public void FromProvider_CallersMistake_KeepsTheProvidersWords() =>
        OpenAIErrors.FromProvider(422, new ProviderError("bad", "t", "p", "c")).Should().Be(new OpenAIError(422, "t", "c", "bad", "p"));

    [Fact]
    public void FromProvider_NothingSaid_StillSaysSomething()
    {
        var error = OpenAIErrors.FromProvider(404, new ProviderError(null, null, null, null));

        error.Type.Should().Be("invalid_request_error");
        error.Message.Should().Contain("404");
    }
}
