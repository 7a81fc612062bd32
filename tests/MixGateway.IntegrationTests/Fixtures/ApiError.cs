using System.Text.Json;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>An error as a caller gets it.</summary>
internal sealed record ApiError(int Status, string Type, string? Code, string? Param, string Message)
{
    /// <summary>Reads an error answer and checks what all of them have in common.</summary>
    public static async Task<ApiError> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        response.Content.Headers.ContentType?.ToString().Should().Be("application/json", "every error is JSON, but got {0}: {1}", response.StatusCode, text);
        return Read(JsonSerializer.Deserialize<JsonElement>(text), response.RequestId(), (int)response.StatusCode);
    }

    /// <summary>Reads an error that is an event of a stream.</summary>
    public static ApiError ReadEvent(JsonElement data, HttpResponseMessage response) => Read(data, response.RequestId(), (int)response.StatusCode);

    private static ApiError Read(JsonElement body, string requestId, int status)
    {
        body.EnumerateObject().Select(member => member.Name).Should().Equal("error", "request_id");
        body.GetProperty("request_id").GetString().Should().Be(requestId);
        Guid.Parse(requestId).Version.Should().Be(7);
        var error = body.GetProperty("error");
        error.EnumerateObject().Select(member => member.Name).Should().Equal("message", "type", "param", "code");
        var read = new ApiError(
            status,
            error.GetProperty("type").GetString()!,
            error.GetProperty("code").GetString(),
            error.GetProperty("param").GetString(),
            error.GetProperty("message").GetString()!);
        read.Message.Should().NotBeNullOrWhiteSpace();
        return read;
    }
}

internal static class ApiErrorAssertions
{
    /// <summary>Compares what callers' code depends on, and gives the error for more.</summary>
    public static async Task<ApiError> ShouldFailAsync(this HttpResponseMessage response, int status, string type, string? code, string? param = null)
    {
        var error = await ApiError.ReadAsync(response);
        error.Should().Be(new ApiError(status, type, code, param, error.Message));
        return error;
    }
}
