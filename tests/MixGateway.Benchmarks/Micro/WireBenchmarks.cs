using System.Text;
using BenchmarkDotNet.Attributes;
using MixGateway.OpenAI;

namespace MixGateway.Benchmarks.Micro;

/// <summary>What the gateway does to the bytes of a call: read and edit its request, scan its stream or its answer.</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private const int Events = 200;
    private const int ReadSize = 4096;

    private static readonly byte[] UpstreamModel = "\"deepseek-chat\""u8.ToArray();
    private static readonly byte[] CanonicalModel = "\"deepseek:deepseek-chat\""u8.ToArray();

    private readonly byte[] _destination = new byte[2 << 20];
    private readonly byte[] _smallRequest = Request(700);
    private readonly byte[] _largeRequest = Request(1 << 20);
    private readonly byte[] _stream = Stream();
    private readonly byte[] _embeddings = EmbeddingsAnswer();

    [Benchmark]
    public int ReadAndEditRequest1KB() => ReadAndEdit(_smallRequest);

    [Benchmark]
    public int ReadAndEditRequest1MB() => ReadAndEdit(_largeRequest);

    /// <summary>200 events, each in a read of its own.</summary>
    [Benchmark]
    public int ScanStreamEventByEvent()
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new SseScanner(CanonicalModel, judge, UsageVisibility.Hidden, new CredentialMask("sk-benchmark-credential"));
        var given = 0;
        ReadOnlySpan<byte> rest = _stream;
        while (rest.Length > 0)
        {
            var length = rest.IndexOf("\n\n"u8) + 2;
            scanner.Append(rest[..length]);
            rest = rest[length..];
            given += scanner.Ready.Length;
            scanner.ClearReady();
        }

        return given + scanner.Held.Length;
    }

    /// <summary>The same 200 events in reads of 4 KB that end anywhere.</summary>
    [Benchmark]
    public int ScanStreamInBursts()
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new SseScanner(CanonicalModel, judge, UsageVisibility.Hidden, new CredentialMask("sk-benchmark-credential"));
        var given = 0;
        for (var at = 0; at < _stream.Length; at += ReadSize)
        {
            scanner.Append(_stream.AsSpan(at, Math.Min(ReadSize, _stream.Length - at)));
            given += scanner.Ready.Length;
            scanner.ClearReady();
        }

        return given + scanner.Held.Length;
    }

    /// <summary>10 MB of embeddings in reads of 64 KB.</summary>
    [Benchmark]
    public long ScanEmbeddings10MB()
    {
        using var judge = new AnswerJudge(ApiOperation.Embeddings);
        using var scanner = new JsonAnswerScanner(CanonicalModel, judge, new CredentialMask("sk-benchmark-credential"));
        long given = 0;
        for (var at = 0; at < _embeddings.Length; at += 65536)
        {
            scanner.Append(_embeddings.AsSpan(at, Math.Min(65536, _embeddings.Length - at)));
            given += scanner.Ready.Length;
            scanner.ClearReady();
        }

        scanner.Complete();
        return given + scanner.Held.Length;
    }

    private int ReadAndEdit(byte[] body)
    {
        if (!RequestReader.TryRead(body, ApiOperation.ChatCompletions, out var envelope, out var error))
        {
            throw new InvalidOperationException(error.Message);
        }

        return RequestEditor.Edit(body, envelope.Edits, UpstreamModel, default, _destination);
    }

    private static byte[] Request(int textBytes)
    {
        var messages = string.Join(',', Enumerable.Repeat("{\"role\":\"user\",\"content\":\"Tell me \\\"something\\\" about rivers, at length, please.\\n\"}", textBytes / 90));
        return Encoding.UTF8.GetBytes($"{{\"model\":\"deepseek:deepseek-chat\",\"messages\":[{messages}],\"temperature\":0.7,\"max_tokens\":128,\"stream\":true}}");
    }

    private static byte[] Stream()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Events; i++)
        {
            text.Append("data: {\"id\":\"1a9f9f27-ef53-4b0e-8849-465bf8270314\",\"object\":\"chat.completion.chunk\",\"created\":1772183892,\"model\":\"deepseek-chat\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" river\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n");
        }

        text.Append("data: {\"id\":\"1a\",\"model\":\"deepseek-chat\",\"choices\":[],\"usage\":{\"prompt_tokens\":13,\"completion_tokens\":200,\"total_tokens\":213}}\n\n");
        return Encoding.UTF8.GetBytes(text.Append("data: [DONE]\n\n").ToString());
    }

    private static byte[] EmbeddingsAnswer()
    {
        var vector = string.Join(',', Enumerable.Repeat("-0.0123456789", 1536));
        var data = string.Join(',', Enumerable.Repeat($"{{\"object\":\"embedding\",\"index\":0,\"embedding\":[{vector}]}}", 480));
        return Encoding.UTF8.GetBytes($"{{\"object\":\"list\",\"data\":[{data}],\"model\":\"m\",\"usage\":{{\"prompt_tokens\":8,\"total_tokens\":8}}}}");
    }
}
