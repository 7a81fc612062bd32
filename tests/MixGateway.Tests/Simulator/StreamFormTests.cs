using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace MixGateway.Tests.Simulator;

public sealed class StreamFormTests
{
    [Theory]
    [InlineData("s+eol=crlf")]
    [InlineData("s+eol=cr")]
    [InlineData("s+comments=1")]
    [InlineData("s+multiline=1")]
    [InlineData("s+multiline=1+eol=crlf+comments=1+event=1+nospace=1")]
    [InlineData("s+nospace=1")]
    [InlineData("s+bom=1")]
    [InlineData("s+event=1")]
    [InlineData("s+fragment=1")]
    [InlineData("s+fragment=7+eol=crlf")]
    [InlineData("s+glue=1")]
    public async Task Stream_InAnyForm_SaysTheSame(string model)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream(model));

        events.Should().HaveCount(6);
        events[^1].Should().Be("[DONE]");
        events[0].Replace("\n", "", StringComparison.Ordinal).Should().Contain("\"content\":\"Hello\"");
    }

    [Theory]
    [InlineData("s+eol=crlf", "\r\n\r\ndata: [DONE]\r\n\r\n")]
    [InlineData("s+eol=cr", "\r\rdata: [DONE]\r\r")]
    [InlineData("s", "\n\ndata: [DONE]\n\n")]
    [InlineData("s+comments=1", "\n\n: keep-alive\n\ndata: [DONE]\n\n")]
    [InlineData("s+nospace=1", "\n\ndata:[DONE]\n\n")]
    [InlineData("s+event=1", "\n\nevent: message\nid: 6\ndata: [DONE]\n\n")]
    [InlineData("s+trailing=1", "\n\ndata: [DONE]\n\ndata: bytes after the end\n")]
    [InlineData("s+nodone=1", "\"finish_reason\":\"stop\"}]}\n\n")]
    [InlineData("s+nofinish=1", "\"content\":\" simulator.\"},\"finish_reason\":null}]}\n\n")]
    public async Task Stream_End_IsExactlyThis(string model, string end)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Stream(model));
        string text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());

        text.Should().EndWith(end);
    }

    [Fact]
    public async Task Stream_ByteOrderMark_ComesFirstAndOnce()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        using HttpResponseMessage response = await client.PostAsync(SimulatorClient.Stream("s+bom=1"));
        string text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());

        text.LastIndexOf('\uFEFF').Should().Be(0);
    }

    [Fact]
    public async Task Stream_MultiLine_HasSeveralDataLinesAnEvent()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        IReadOnlyList<string> events = await client.PostForEventsAsync(SimulatorClient.Stream("echo+multiline=1", text: "a,\"b,c\\"));

        events[0].Split('\n').Should().HaveCountGreaterThan(4).And.Contain(line => line.Contains("""a,\"b,c\\""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_Glued_IsOneChunk()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Stream("s+chunks=5+glue=1"));

        ChunkSizes(raw).Should().HaveCount(1);
    }

    [Fact]
    public async Task Stream_Plain_IsOneChunkAnEvent()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Stream("s+chunks=5"));

        ChunkSizes(raw).Should().HaveCount(7);
    }

    [Fact]
    public async Task Stream_Fragmented_HasNoLargerChunk()
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string raw = await client.ExchangeRawAsync(SimulatorClient.Stream("s+chunks=1+fragment=3"));

        ChunkSizes(raw).Should().OnlyContain(size => size <= 3).And.HaveCountGreaterThan(50);
    }

    [Theory]
    [InlineData("s+gzip=1", "gzip, br", true)]
    [InlineData("s+gzip=1", "br", false)]
    [InlineData("s+gzip=force", "br", true)]
    public async Task Gzip_ByMode_CompressesBothForms(string model, string accepts, bool compressed)
    {
        await using SimulatorClient client = await SimulatorClient.StartAsync();

        string stream = await ReadAsync(client, SimulatorClient.Stream(model), accepts, compressed);
        string json = await ReadAsync(client, SimulatorClient.Chat(model), accepts, compressed);

        stream.Should().EndWith("data: [DONE]\n\n");
        json.Should().Contain("Hello from the simulator.");
    }

    private static async Task<string> ReadAsync(SimulatorClient client, string body, string accepts, bool compressed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, client.Server.BaseAddress + "/chat/completions")
        {
            Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.Add("accept-encoding", accepts);
        using HttpResponseMessage response = await client.SendAsync(request);
        response.Content.Headers.ContentEncoding.Should().BeEquivalentTo(compressed ? ["gzip"] : Array.Empty<string>());
        await using Stream content = await response.Content.ReadAsStreamAsync();
        await using Stream plain = compressed ? new GZipStream(content, CompressionMode.Decompress) : content;
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The sizes of the transfer coding's chunks, without the last, empty one.</summary>
    private static List<int> ChunkSizes(string raw)
    {
        List<int> sizes = [];
        int at = raw.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        while (true)
        {
            int lineEnd = raw.IndexOf("\r\n", at, StringComparison.Ordinal);
            int size = Convert.ToInt32(raw[at..lineEnd], 16);
            if (size == 0)
            {
                return sizes;
            }

            sizes.Add(size);
            at = lineEnd + 2 + size + 2;
        }
    }
}
