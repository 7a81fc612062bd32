using System.Text;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Quickstart;

/// <summary>Every example of the public quick start works as it is written there.</summary>
public sealed class ExampleTests(QuickstartGateway gateway) : IClassFixture<QuickstartGateway>
{
    private const string Answer = "Hello from the simulator.";

    [Fact]
    public async Task Curl_AsPublished_PrintsTheAnswerAsPublished()
    {
        var output = await Example.RunAsync("bash", "curl.sh", gateway);

        using var answer = JsonDocument.Parse(output);
        var root = answer.RootElement;
        root.GetProperty("object").GetString().Should().Be("chat.completion");
        root.GetProperty("model").GetString().Should().Be("deepseek:deepseek-chat");
        var choice = root.GetProperty("choices")[0];
        choice.GetProperty("message").GetProperty("role").GetString().Should().Be("assistant");
        choice.GetProperty("message").GetProperty("content").GetString().Should().Be(Answer);
        choice.GetProperty("finish_reason").GetString().Should().Be("stop");
        var usage = root.GetProperty("usage");
        usage.GetProperty("total_tokens").GetInt64().Should().Be(usage.GetProperty("prompt_tokens").GetInt64() + usage.GetProperty("completion_tokens").GetInt64());
    }

    [Fact]
    public async Task CurlStream_AsPublished_PrintsEventsAndTheEnd()
    {
        var output = await Example.RunAsync("bash", "stream.sh", gateway);

        var events = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events.Should().OnlyContain(text => text.StartsWith("data: ", StringComparison.Ordinal));
        events[^1].Should().Be("data: [DONE]");
        var text = new StringBuilder();
        string? finish = null;
        foreach (var chunk in events[..^1].Select(static text => JsonSerializer.Deserialize<JsonElement>(text[6..])))
        {
            chunk.GetProperty("object").GetString().Should().Be("chat.completion.chunk");
            chunk.GetProperty("model").GetString().Should().Be("deepseek:deepseek-chat");

            // The example does not ask for include_usage, so every chunk that it is shown has a choice.
            var choice = chunk.GetProperty("choices")[0];
            text.Append(choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "");
            finish = choice.GetProperty("finish_reason").GetString() ?? finish;
        }

        text.ToString().Should().Be(Answer);
        finish.Should().Be("stop");
    }

    [Fact]
    public async Task JavaScript_AsPublished_PrintsTheContent() =>
        (await Example.RunAsync(gateway.Node, "fetch.mjs", gateway)).Trim().Should().Be(Answer);

    [Fact]
    public async Task Python_AsPublished_PrintsTheContent() =>
        (await Example.RunAsync(gateway.Python, "requests.py", gateway)).Trim().Should().Be(Answer);

    [Fact]
    public async Task Examples_AllOfThem_AreOnTheBill()
    {
        var account = await gateway.Gateway.CreateAccountAsync();
        foreach (var (program, file) in new[] { ("bash", "curl.sh"), ("bash", "stream.sh"), (gateway.Node, "fetch.mjs"), (gateway.Python, "requests.py") })
        {
            await Example.RunAsync(program, file, gateway, account.Key);
        }

        var records = await account.UsageAsync();
        records.Should().HaveCount(4);
        records.Should().OnlyContain(record => record.GetProperty("status").GetString() == "completed" && record.GetProperty("model").GetString() == "deepseek:deepseek-chat");
        var charged = records.Sum(static record => decimal.Parse(record.GetProperty("charged").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
        (await account.ReadAsync()).GetProperty("balance").GetString().Should().Be((10 - charged).ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture));
    }
}
