using System.Collections.Concurrent;
using System.Net.Http.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Rollout;

/// <summary>Callers who stream one answer after the other, never try twice, and note what they saw.</summary>
internal sealed class StreamingCallers(Uri address, IReadOnlyList<RolloutAccount> accounts)
{
    private readonly ConcurrentQueue<(Guid Account, string RequestId)> _ended = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private volatile bool _enough;

    /// <summary>Answers that were seen to end.</summary>
    public IReadOnlyCollection<(Guid Account, string RequestId)> Ended => _ended;

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Runs until <see cref="Stop"/>, and then until the running answers have ended.</summary>
    /// <param name="longOnes">So many of them ask for answers that outlast the delay of a stop; they come on a connection of their own, as scripts do.</param>
    public Task RunAsync(int callers, int longOnes, Random random) => Task.WhenAll(
        Enumerable.Range(0, callers).Select(index => CallAsync(accounts[index % accounts.Count], index < longOnes, new Random(random.Next()))).ToArray());

    public void Stop() => _enough = true;

    private async Task CallAsync(RolloutAccount account, bool isLong, Random random)
    {
        using var client = GatewayProcess.Client(address, account.Key);
        client.DefaultRequestHeaders.ConnectionClose = isLong;
        while (!_enough)
        {
            var model = isLong ? "sim:long+chunks=20+delay=300" : $"sim:short+chunks={random.Next(3, 10)}+delay=250";
            try
            {
                await StreamAsync(client, account, model);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
            {
                _failures.Enqueue($"{model}: {exception.GetType().Name}: {exception.Message} {exception.InnerException?.Message}");
            }
        }
    }

    private async Task StreamAsync(HttpClient client, RolloutAccount account, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.ChatPath)
        {
            Content = JsonContent.Create(new { model, stream = true, messages = new[] { new { role = "user", content = "Hello" } } }),
        };
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.IsSuccessStatusCode && text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal))
        {
            _ended.Enqueue((account.Id, answer.RequestId()));
        }
        else
        {
            _failures.Enqueue($"{model}: {(int)answer.StatusCode} {text[^Math.Min(text.Length, 300)..]}");
        }
    }
}

/// <summary>An account and its key.</summary>
internal sealed record RolloutAccount(Guid Id, string Key);
