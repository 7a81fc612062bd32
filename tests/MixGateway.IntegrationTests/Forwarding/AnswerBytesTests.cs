using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>What comes back, beside what the provider itself answers to the same request.</summary>
public sealed partial class AnswerBytesTests(AnswerBytesTests.BothVersions shared) : IClassFixture<AnswerBytesTests.BothVersions>
{
    private const string AskForUsage = ",\"stream_options\":{\"include_usage\":true}";

    private readonly TestGateway _gateway = shared.Gateway;

    public static TheoryData<string> StreamForms =>
    [
        "sim",
        "echo",
        "sim+chunks=20",
        "sim+eol=crlf+chunks=3",
        "sim+eol=cr+chunks=3",
        "sim+comments=1+chunks=3",
        "sim+comments=1+eol=crlf+fragment=1",
        "sim+multiline=1+chunks=3",
        "sim+multiline=1+eol=crlf+fragment=3",
        "sim+nospace=1",
        "sim+bom=1",
        "sim+event=1",
        "sim+fragment=1",
        "sim+fragment=7",
        "sim+glue=1+chunks=30",
        "sim+gzip=force",
        "sim+gzip=force+glue=1+chunks=30",
        "sim+gzip=1+fragment=5",
        "sim+size=4096+chunks=10",
        "sim+size=1048576+chunks=3",
        "sim+usage=always",
        "sim+usage=last",
        "sim+usage=every+chunks=3",
        "sim+usage=zero",
        "sim+usage=never",
        "sim+nullusage=1+chunks=3",
        "sim+tools=5",
        "sim+reasoningtext=3+chunks=2",
        "sim+rolechunk=1+choices=3+chunks=4",
        "sim+finish=length",
        "sim+modelnull=1",
        "sim+nodone=1",
        "sim+status=201",
    ];

    public static TheoryData<string> JsonForms =>
    [
        "sim",
        "sim+pretty=1",
        "sim+choices=3+chunks=5",
        "sim+tools=3",
        "sim+gzip=force",
        "sim+jsonchunked=1+fragment=3",
        "sim+modelnull=1",
        "sim+usage=never",
        "sim+big=1048576",
        "sim+big=1048577",
        "sim+big=3000000",
        "sim+big=3000000+jsonchunked=1+gzip=force",
        "sim+big=3000000+pretty=1",
        "sim+status=201",
    ];

    [Theory]
    [MemberData(nameof(StreamForms))]
    public Task Stream_InAnyForm_ComesBackAsItWasButForTheModel(string script) => CompareAsync(script, "sim", stream: true, "");

    [Theory]
    [MemberData(nameof(StreamForms))]
    public Task Stream_ThatAsksForUsage_ComesBackWithIt(string script) => CompareAsync(script, "sim", stream: true, AskForUsage);

    [Theory]
    [MemberData(nameof(StreamForms))]
    public Task Stream_OverHttp2_ComesBackAsItWasButForTheModel(string script) => CompareAsync(script, "h2", stream: true, "");

    [Theory]
    [MemberData(nameof(JsonForms))]
    public Task Json_InAnyForm_ComesBackAsItWasButForTheModel(string script) => CompareAsync(script, "sim", stream: false, "");

    [Theory]
    [MemberData(nameof(JsonForms))]
    public Task Json_OverHttp2_ComesBackAsItWasButForTheModel(string script) => CompareAsync(script, "h2", stream: false, "");

    [Theory]
    [InlineData("sim")]
    [InlineData("sim+dims=4096")]
    [InlineData("sim+dims=4096+gzip=force")]
    public async Task Embeddings_OfManyInputs_ComeBackAsTheyWereButForTheModel(string script)
    {
        var account = await _gateway.CreateAccountAsync();
        var inputs = string.Join(',', Enumerable.Repeat("\"some text\"", 200));
        var body = $$"""{"model":"sim:{{script}}","input":[{{inputs}}]}""";

        using var response = await account.PostAsync(body, "/v1/embeddings");
        var answer = await response.Content.ReadAsByteArrayAsync();

        var expected = await AskTheProviderAsync(body.Replace("sim:", "", StringComparison.Ordinal), "embeddings");
        Text(answer).Should().Be(Renamed(expected, $"sim:{script}"));
        var record = await account.OnlyCallAsync();
        record.Should().BeEquivalentTo(new { Status = "completed", UsageSource = "reported", PromptTokens = 400, CompletionTokens = 0, Cost = "0.0004" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LegacyCompletion_InEitherForm_ComesBackAsItWasButForTheModel(bool stream)
    {
        var account = await _gateway.CreateAccountAsync();
        var body = $$"""{"model":"sim:sim+chunks=4","prompt":"a b c","stream":{{(stream ? "true" : "false")}}}""";

        using var response = await account.PostAsync(body, "/v1/completions");
        var answer = await response.Content.ReadAsByteArrayAsync();

        var expected = await AskTheProviderAsync(body.Replace("sim:", "", StringComparison.Ordinal), "completions");
        Text(answer).Should().Be(Renamed(expected, "sim:sim+chunks=4"));
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { PromptTokens = 3, CompletionTokens = 4, UsageSource = "reported" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Model_OfADatedName_ComesBackAsTheCallersOwn(bool stream)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+model=sim-2026-01-31+chunks=2", stream);
        var text = await response.Content.ReadAsStringAsync();

        text.Should().Contain("\"model\":\"sim:sim+model=sim-2026-01-31+chunks=2\"").And.NotContain("\"sim-2026-01-31\"");
    }

    [Fact]
    public async Task Bytes_AfterTheEndMarker_AreNotPassedOn()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+trailing=1", stream: true);

        (await response.Content.ReadAsStringAsync()).Should().EndWith("data: [DONE]\n\n");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Headers_OfTheProvider_DoNotReachTheCaller(bool stream)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+headers=1", stream);

        response.RequestId().Should().NotBe("req_simulated");
        var names = response.Headers.Concat(response.Content.Headers).Select(header => header.Key.ToLowerInvariant());
        names.Except(["x-request-id", "date", "content-type", "content-length", "transfer-encoding", "cache-control", "x-accel-buffering"]).Should().BeEmpty();
    }

    [Fact]
    public async Task Json_OfTheSizeThatIsHeldWhole_HasItsLength()
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync("sim+jsonchunked=1");

        response.Content.Headers.ContentLength.Should().Be((await response.Content.ReadAsByteArrayAsync()).Length);
    }

    private async Task CompareAsync(string script, string provider, bool stream, string members)
    {
        var account = await _gateway.CreateAccountAsync();

        using var response = await account.ChatAsync(script, stream, members, provider);
        var answer = await response.Content.ReadAsByteArrayAsync();

        response.StatusCode.Should().Be(script.Contains("status=201", StringComparison.Ordinal) ? HttpStatusCode.Created : HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().Should().Be(stream ? "text/event-stream" : "application/json");

        // The gateway always asks for usage; the chunk that brings it stays there unless the caller asked too.
        var asked = stream ? AskForUsage : "";
        var expected = await AskTheProviderAsync(Calls.ChatBody(script, stream, asked).Replace("sim:" + script, script, StringComparison.Ordinal), "chat/completions");
        var text = Renamed(expected, $"{provider}:{script}");
        Text(answer).Should().Be(members == asked ? text : WithoutExtraUsage(text));
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "completed", Model = $"{provider}:{script}", Stream = stream, Attempts = 1 });
    }

    private async Task<byte[]> AskTheProviderAsync(string body, string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AutomaticDecompression = DecompressionMethods.All });
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(new Uri($"{_gateway.Upstream.BaseAddress}/{path}"), content);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Neither the chunk of usage nor the nulls in the others, which a provider writes only because it was asked.</summary>
    private static string WithoutExtraUsage(string stream) => string.Concat(
        EventEnd().Split(stream).Where(part => !LineBreak().Replace(part, "").Contains("\"choices\":[],\"usage\":{", StringComparison.Ordinal)))
        .Replace(",\"usage\":null", "", StringComparison.Ordinal);

    private static string Renamed(byte[] answer, string to) => ModelValue().Replace(Text(answer), match => match.Groups[1].Value + $"\"{to}\"");

    /// <summary>Without what differs from call to call.</summary>
    private static string Text(byte[] answer) => Created().Replace(Id().Replace(Encoding.UTF8.GetString(answer), "cmpl-ID"), "\"created\":0");

    [GeneratedRegex("cmpl-[0-9a-f]{32}")]
    private static partial Regex Id();

    [GeneratedRegex("\"created\":( ?)[0-9]+")]
    private static partial Regex Created();

    [GeneratedRegex("(\"model\": ?)(null|\"[^\"]*\")")]
    private static partial Regex ModelValue();

    [GeneratedRegex("(?<=\r\n\r\n|\n\n|\r\r)")]
    private static partial Regex EventEnd();

    /// <summary>Between two lines of one event's data.</summary>
    [GeneratedRegex("[\r\n]+data: ?")]
    private static partial Regex LineBreak();

    public sealed class BothVersions() : SharedGateway(upstream =>
        Provider("h2", upstream.Http2BaseAddress, "Cluster:HttpRequest:Version=2", "Cluster:HttpRequest:VersionPolicy=RequestVersionExact"));
}
