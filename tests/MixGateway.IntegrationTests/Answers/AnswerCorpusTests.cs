using System.Text.Json;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Answers;

/// <summary>
/// What providers really answer, one file per shape: provider × JSON or stream × normal, error, cut. Adding a shape means adding a file.
/// </summary>
public sealed partial class AnswerCorpusTests(AnswerCorpusTests.Corpus corpus) : IClassFixture<AnswerCorpusTests.Corpus>
{
    public static TheoryData<string> Names { get; } = [.. Corpus.Answers.Select(answer => answer.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfARealProvider_IsWhatItIs(string name)
    {
        var answer = Corpus.Answers.Single(answer => answer.Name == name);
        var account = await corpus.Gateway.CreateAccountAsync("100");

        using var response = await account.PostAsync(RequestOf(answer), answer.Ask.StartsWith("embeddings", StringComparison.Ordinal) ? "/v1/embeddings" : Calls.ChatPath);
        var text = await ReadAsync(response);

        await ShouldAnswerAsync(answer, response, text);
        ShouldRecord(answer, await account.OnlyCallAsync());
    }

    private static string RequestOf(RecordedAnswer answer)
    {
        var members = answer.Ask.Contains(' ', StringComparison.Ordinal) ? "," + answer.Ask[(answer.Ask.IndexOf(' ', StringComparison.Ordinal) + 1)..] : "";
        var isEmbedding = answer.Ask.StartsWith("embeddings", StringComparison.Ordinal);
        var asks = answer.Ask.Split(' ')[0] switch
        {
            "json" or "embeddings" => "",
            "usage" => ",\"stream\":true,\"stream_options\":{\"include_usage\":true}",
            _ => ",\"stream\":true",
        };
        var input = isEmbedding ? "\"input\":\"one two three\"" : "\"messages\":[{\"role\":\"user\",\"content\":\"Say hello\"}]";
        return $$"""{"model":"recorded:{{answer.Name}}",{{input}}{{asks}}{{members}}}""";
    }

    /// <summary>A long answer that turns out to be none ends with its connection.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        try
        {
            return await response.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            return "broken";
        }
    }

    private static Task ShouldAnswerAsync(RecordedAnswer answer, HttpResponseMessage response, string text)
    {
        var expected = answer.Single("caller")!.Split(' ');
        ((int)response.StatusCode).Should().Be(int.Parse(expected[0], System.Globalization.CultureInfo.InvariantCulture), "of {0}", text);
        response.Content.Headers.ContentType!.ToString().Should().BeOneOf("application/json", "text/event-stream");
        var error = ErrorOf(text);
        switch (expected[1])
        {
            case "done":
                text.TrimEnd().Should().EndWith("data: [DONE]");
                error.Should().BeNull();
                break;
            case "whole":
                text.Should().NotContain("[DONE]", "no end is invented").And.NotBe("broken");
                error.Should().BeNull();
                break;
            case "broken":
                text.Should().Be("broken");
                break;
            default:
                text.Should().NotContain("[DONE]");
                error!.Value.GetProperty("code").ToString().Should().Be(expected[1] == "null" ? "" : expected[1], "of {0}", text);
                break;
        }

        foreach (var shown in answer.Directions["shows"])
        {
            text.Should().Contain(shown);
        }

        foreach (var hidden in answer.Directions["hides"].Append(RecordedAnswer.Credential))
        {
            text.Should().NotContain(hidden);
            response.Headers.ToString().Should().NotContain(hidden);
        }

        return Task.CompletedTask;
    }

    /// <summary>The error of the body, or of the stream's last event.</summary>
    private static JsonElement? ErrorOf(string text)
    {
        var last = text.StartsWith('{') ? text : text.Split('\n').LastOrDefault(line => line.StartsWith("data: {", StringComparison.Ordinal))?[6..];
        return last is not null && last.Contains("\"error\":{\"message\"", StringComparison.Ordinal)
            ? JsonSerializer.Deserialize<JsonElement>(last).GetProperty("error")
            : null;
    }

    private static void ShouldRecord(RecordedAnswer answer, CallRecord record)
    {
        var expected = RecordForm().Match(answer.Single("record")!);
        expected.Success.Should().BeTrue("the direction has the form of the others");
        record.Status.Should().Be(expected.Groups["status"].Value);
        record.UsageSource.Should().Be(expected.Groups["source"].Value);
        record.PromptTokens.Should().Be(Number(expected, "prompt"));
        record.CompletionTokens.Should().Be(Number(expected, "completion"));
        record.CachedTokens.Should().Be(Number(expected, "cached"));
        record.CacheWriteTokens.Should().Be(Number(expected, "written"));
        record.ReasoningTokens.Should().Be(Number(expected, "reasoning"));
        record.Attempts.Should().Be(int.Parse(answer.Single("attempts") ?? "1", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static long Number(Match match, string group) =>
        match.Groups[group].Success ? long.Parse(match.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?<status>\w+) (?<source>\w+) (?<prompt>\d+) \+ (?<completion>\d+)( cached (?<cached>\d+))?( written (?<written>\d+))?( reasoning (?<reasoning>\d+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex RecordForm();

    public sealed class Corpus : SharedGateway
    {
        private readonly RecordedProvider _provider;

        public Corpus()
            : this(new RecordedProvider(Answers))
        {
        }

        private Corpus(RecordedProvider provider)
            : base(_ => Provider("recorded", provider.Address, $"ApiKey={RecordedAnswer.Credential}", "IdleTimeout=00:00:01")) => _provider = provider;

        internal static IReadOnlyList<RecordedAnswer> Answers { get; } =
            [.. Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "tests", "MixGateway.IntegrationTests", "Answers", "Corpus"), "*.txt").Order(StringComparer.Ordinal).Select(RecordedAnswer.Read)];

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await _provider.DisposeAsync();
        }
    }
}
