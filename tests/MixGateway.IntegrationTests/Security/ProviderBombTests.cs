using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Security;

/// <summary>A provider whose few compressed bytes become a quarter of a gigabyte.</summary>
public sealed class ProviderBombTests
{
    private const int Unpacked = 256 * 1024 * 1024;
    private const long MostKept = 96 * 1024 * 1024;

    [Fact]
    public async Task JsonAnswer_ThatUnpacksToAQuarterGigabyte_WaitsForItsReader()
    {
        using var provider = new TcpListener(IPAddress.Loopback, 0);
        using var bomb = Pack("{\"id\":\"", "\"}");
        provider.Start();
        var serving = ServeAsync(provider, "application/json", bomb);
        await using var gateway = await StartAsync(provider);
        var account = await gateway.CreateAccountAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var answer = await account.ChatAsync("x", provider: "bomb");
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        for (var read = 0L; read < Unpacked / 8;)
        {
            var now = await body.ReadAsync(buffer);
            now.Should().BePositive();
            read += now;
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MostKept, "what is unpacked waits for its reader");
        answer.Dispose();
        await serving;
    }

    [Fact]
    public async Task Event_ThatUnpacksToAQuarterGigabyte_EndsTheAnswerAtItsBound()
    {
        using var provider = new TcpListener(IPAddress.Loopback, 0);
        using var bomb = Pack("data: {\"id\":\"", "\"}\n\n");
        provider.Start();
        var serving = ServeAsync(provider, "text/event-stream", bomb);
        await using var gateway = await StartAsync(provider);
        var account = await gateway.CreateAccountAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var answer = await account.ChatAsync("x", stream: true, provider: "bomb");

        (await answer.Content.ReadAsStringAsync()).Length.Should().BeLessThan(1000, "an event is passed on when it has been read");
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MostKept);
        (await account.OnlyCallAsync()).Should().BeEquivalentTo(new { Status = "failed", CompletionTokens = 0 });
        await serving;
    }

    private static Task<TestGateway> StartAsync(TcpListener provider) => TestGateway.StartAsync(
        $"Providers:bomb:BaseUrl=http://127.0.0.1:{((IPEndPoint)provider.LocalEndpoint).Port}/v1",
        "Providers:bomb:Models:*:InputPrice=1",
        "Providers:bomb:Models:*:OutputPrice=2");

    private static MemoryStream Pack(string head, string tail)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var padding = new byte[1024 * 1024];
            Array.Fill(padding, (byte)'a');
            gzip.Write(Encoding.UTF8.GetBytes(head));
            for (var i = 0; i < Unpacked / padding.Length; i++)
            {
                gzip.Write(padding);
            }

            gzip.Write(Encoding.UTF8.GetBytes(tail));
        }

        packed.Position = 0;
        return packed;
    }

    private static async Task ServeAsync(TcpListener provider, string contentType, MemoryStream bomb)
    {
        using var connection = await provider.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        var request = new StringBuilder();
        var buffer = new byte[4096];
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            request.Append(Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer)));
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: {bomb.Length}\r\n\r\n"));
            await bomb.CopyToAsync(stream);

            // Closed with something unread, the connection would be reset and the answer cut off.
            connection.Client.Shutdown(SocketShutdown.Send);
            while (await stream.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The gateway has seen enough.
        }
    }
}
