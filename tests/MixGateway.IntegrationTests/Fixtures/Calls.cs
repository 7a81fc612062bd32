using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>Ways to call the gateway.</summary>
internal static class Calls
{
    public const string ChatPath = "/v1/chat/completions";

    /// <summary>A small chat request of the simulator's model; 2 prompt tokens by the simulator's count.</summary>
    /// <param name="members">More members, each with a comma before it.</param>
    public static string ChatBody(string script, bool stream = false, string members = "", string provider = "sim") =>
        $$"""{"model":"{{provider}}:{{script}}","messages":[{"role":"user","content":"Say hello"}]{{(stream ? ",\"stream\":true" : "")}}{{members}}}""";

    public static Task<HttpResponseMessage> ChatAsync(this TestAccount account, string script, bool stream = false, string members = "", string provider = "sim") =>
        account.PostAsync(ChatBody(script, stream, members, provider));

    /// <summary>Sends a body; returns as soon as there are headers.</summary>
    public static Task<HttpResponseMessage> PostAsync(this TestAccount account, string body, string path = ChatPath, Action<HttpRequestMessage>? change = null) =>
        account.Gateway.CallAsync(account.Key, Encoding.UTF8.GetBytes(body), path, change);

    /// <inheritdoc cref="PostAsync(TestAccount, string, string, Action{HttpRequestMessage})"/>
    public static async Task<HttpResponseMessage> CallAsync(
        this TestGateway gateway, string? key, byte[] body, string path = ChatPath, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        change?.Invoke(request);
        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static string RequestId(this HttpResponseMessage response) => response.Headers.GetValues("x-request-id").Single();

    /// <summary>The JSON of each event with data, without [DONE].</summary>
    public static IReadOnlyList<JsonElement> Events(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonSerializer.Deserialize<JsonElement>(line[6..]))];
}
