using System.Net.Http.Json;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>What the caller saw of an answer.</summary>
internal enum Sight
{
    /// <summary>The JSON body whole, or <c>[DONE]</c>.</summary>
    Ended,

    /// <summary>An error that says so: a store was not there, or too slow for a moment.</summary>
    Refused,

    /// <summary>The connection broke, before or within the answer.</summary>
    Cut,
}

/// <summary>A call as its caller saw it.</summary>
/// <param name="RequestId">Null if there were not even headers.</param>
/// <param name="Begun">The status was 200, so the call was admitted.</param>
internal sealed record SeenCall(Guid Account, CrashCall Call, string? RequestId, bool Begun, Sight Sight);

/// <summary>Makes calls, and notes exactly what came back.</summary>
internal static class CrashClient
{
    /// <exception cref="InvalidOperationException">An error came that no fault of a store explains.</exception>
    public static async Task<SeenCall> CallAsync(HttpClient client, Guid account, CrashCall call)
    {
        var seen = new SeenCall(account, call, null, false, Sight.Cut);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = JsonContent.Create(new { model = call.Model, stream = call.Stream, messages = new[] { new { role = "user", content = "Hi" } } }),
            };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            seen = seen with { RequestId = response.Headers.GetValues("x-request-id").Single(), Begun = response.IsSuccessStatusCode };
            if (!response.IsSuccessStatusCode)
            {
                return seen with { Sight = Refusal(await response.Content.ReadAsStringAsync()) };
            }

            return seen with { Sight = await (call.Stream ? ReadToDoneAsync(response) : ReadJsonAsync(response, call)) };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
        {
            // Gone, or standing still for longer than a caller waits.
            return seen;
        }
    }

    private static async Task<Sight> ReadToDoneAsync(HttpResponseMessage response)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "data: [DONE]")
            {
                return Sight.Ended;
            }

            if (line.StartsWith("data: {\"error\"", StringComparison.Ordinal))
            {
                return Refusal(line);
            }
        }

        return Sight.Cut;
    }

    private static async Task<Sight> ReadJsonAsync(HttpResponseMessage response, CrashCall call)
    {
        // Throws where the body is shorter than its length says.
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        body.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt64().Should().Be(call.Completion);
        return Sight.Ended;
    }

    private static Sight Refusal(string error) => error.Contains("\"service_unavailable\"", StringComparison.Ordinal)
        ? Sight.Refused
        : throw new InvalidOperationException($"A call was answered with {error}");
}
