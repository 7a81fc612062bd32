using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>Callers who call one after the other until their gateway is gone, and note which answers they saw end.</summary>
internal sealed class CrashCallers(IReadOnlyList<CrashAccount> accounts)
{
    private readonly ConcurrentQueue<EndedAnswer> _ended = new();
    private int _cutOff;
    private int _refused;

    public IReadOnlyCollection<EndedAnswer> Ended => _ended;

    /// <summary>Calls that were running when their gateway died.</summary>
    public int CutOff => _cutOff;

    /// <summary>Calls that were refused, or whose end was, because a store was too slow for a moment: nothing ended, so nothing has to be on the books.</summary>
    public int Refused => _refused;

    /// <summary>Runs so many callers; ends when the gateway does not answer any more.</summary>
    public Task RunAsync(Uri address, int callers, Random random) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(index => CallAsync(address, accounts[index % accounts.Count], new Random(random.Next()))).ToArray());

    private async Task CallAsync(Uri address, CrashAccount account, Random random)
    {
        using var client = GatewayProcess.Client(address, account.Key);
        while (true)
        {
            var call = CrashCall.Next(random);
            try
            {
                if (await EndAsync(client, call) is { } requestId)
                {
                    _ended.Enqueue(new EndedAnswer(account.Id, requestId, call));
                }
                else
                {
                    Interlocked.Increment(ref _refused);
                    await Task.Delay(random.Next(50));
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _cutOff);
                return;
            }
        }
    }

    /// <summary>Gives the request id of an answer that has ended; null if it was refused.</summary>
    /// <exception cref="IOException">It did not end.</exception>
    private static async Task<string?> EndAsync(HttpClient client, CrashCall call)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = call.Model, stream = call.Stream, messages = new[] { new { role = "user", content = "Hi" } } }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            return IsRefusal(await response.Content.ReadAsStringAsync()) ? null : throw new InvalidOperationException($"{call.Model} was answered with {response.StatusCode}.");
        }

        var ended = await (call.Stream ? ReadToDoneAsync(response) : ReadJsonAsync(response, call));
        return ended ? response.Headers.GetValues("x-request-id").Single() : null;
    }

    private static async Task<bool> ReadToDoneAsync(HttpResponseMessage response)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line == "data: [DONE]")
            {
                return true;
            }

            if (line.StartsWith("data: {\"error\"", StringComparison.Ordinal))
            {
                return IsRefusal(line) ? false : throw new InvalidOperationException($"A stream ended with {line}");
            }
        }

        throw new IOException("The stream ended without [DONE].");
    }

    private static bool IsRefusal(string error) => error.Contains("\"service_unavailable\"", StringComparison.Ordinal);

    private static async Task<bool> ReadJsonAsync(HttpResponseMessage response, CrashCall call)
    {
        // Throws where the body is shorter than its length says.
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        body.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt64().Should().Be(call.Completion);
        return true;
    }
}

internal sealed record CrashAccount(Guid Id, string Key);
