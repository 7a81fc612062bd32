using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace MixGateway.IntegrationTests.Answers;

/// <summary>A provider that answers each model with its recorded answer, over a socket of its own, so that it can end in any way.</summary>
internal sealed class RecordedProvider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Dictionary<string, RecordedAnswer> _answers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public RecordedProvider(IEnumerable<RecordedAnswer> answers)
    {
        _answers = answers.ToDictionary(answer => answer.Name);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            var stream = client.GetStream();
            var request = await ReadRequestAsync(stream);
            var answer = _answers[JsonSerializer.Deserialize<JsonElement>(request).GetProperty("model").GetString()!];
            answer = answer.Single("refuses") is { } refused && request.AsSpan().IndexOf(Encoding.UTF8.GetBytes(refused)) >= 0 ? answer.Refusing(refused) : answer;
            await stream.WriteAsync(Head(answer), _stopping.Token);
            await stream.WriteAsync(answer.Body, _stopping.Token);
            await EndAsync(client, stream, answer);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The gateway hung up, or the test is over.
        }
    }

    private async Task<byte[]> ReadRequestAsync(NetworkStream stream)
    {
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. received]);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head >= 0)
            {
                var length = text[..head].Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))[15..];
                var whole = head + 4 + int.Parse(length, NumberStyles.Integer, CultureInfo.InvariantCulture);
                if (received.Count >= whole)
                {
                    return [.. received[(head + 4)..whole]];
                }
            }

            var read = await stream.ReadAsync(buffer, _stopping.Token);
            if (read == 0)
            {
                throw new IOException("The request was cut.");
            }

            received.AddRange(buffer.AsSpan(0, read));
        }
    }

    private static byte[] Head(RecordedAnswer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Recorded\r\nConnection: close\r\n");
        if (answer.Single("type") is { } type)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\n");
        }

        foreach (var header in answer.Directions["header"])
        {
            head.Append(CultureInfo.InvariantCulture, $"{header}\r\n");
        }

        // A close says nothing about the end unless a length or chunks do: what is to be cut promises more than it has.
        var promised = answer.Body.Length + (answer.End is "reset" or "silence" ? 1_000 : 0);
        if (answer.End != "close")
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {promised}\r\n");
        }

        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private async Task EndAsync(TcpClient client, NetworkStream stream, RecordedAnswer answer)
    {
        switch (answer.End)
        {
            case "silence":
                // Until the gateway has had enough.
                await stream.CopyToAsync(Stream.Null, _stopping.Token);
                break;
            case "reset":
                client.LingerState = new LingerOption(true, 0);
                break;
        }
    }
}
