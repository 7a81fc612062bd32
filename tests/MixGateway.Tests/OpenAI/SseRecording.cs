using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>A provider's stream, shortened, and what a caller who did not ask for usage must get for it.</summary>
public sealed record SseRecording(string Name, string Upstream, string Client, string Held, string Text)
{
    private const string Done = "data: [DONE]\n\n";

    internal TokenUsage? Usage { get; private init; }

    internal static IReadOnlyList<SseRecording> All { get; } =
    [
        OpenAI(),
        OpenAI().With("openai, CRLF", text => text.Replace("\n", "\r\n", StringComparison.Ordinal)),
        OpenAI().With("openai, CR", text => text.Replace('\n', '\r')),
        OpenAI().With("openai, no space after the colon", text => text.Replace("data: {", "data:{", StringComparison.Ordinal)),
        OpenAI().With("openai, byte order mark", text => "\uFEFF" + text, held: false),
        DeepSeek(),
        Comments(),
        ManyLines(),
        Foreign(),
    ];

    public override string ToString() => Name;

    private SseRecording With(string name, Func<string, string> change, bool held = true) => this with
    {
        Name = name,
        Upstream = change(Upstream),
        Client = change(Client),
        Held = held ? change(Held) : Held,
    };

    private static SseRecording OpenAI()
    {
        const string Body =
            """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1772183892,"model":"@","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"a"}

            data: {"id":"chatcmpl-1","model":"@","choices":[{"index":0,"delta":{"content":"Say \"[DONE]\" and \ud83d\ude00 \"model\":\"gpt-5-2025\" "},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-1","model":"@","choices":[{"index":0,"delta":{"content":"你好\ndata: [DONE]\n\n"},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-1","model":"@","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}


            """;
        const string UsageChunk = "data: {\"id\":\"chatcmpl-1\",\"model\":\"@\",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":29,\"prompt_tokens_details\":{\"cached_tokens\":3},\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n\n";
        return new SseRecording(
            "openai",
            Model(Body + UsageChunk, "gpt-5-2025") + Done,
            Model(Body, SseRun.Canonical).Replace(",\"usage\":null", "", StringComparison.Ordinal),
            Done,
            "Say \"[DONE]\" and \U0001F600 \"model\":\"gpt-5-2025\" 你好\ndata: [DONE]\n\n")
        {
            Usage = new TokenUsage(19, 3, 0, 10, 2),
        };
    }

    /// <summary>Keep-alive comments first, reasoning, usage on the last content chunk: that chunk stays.</summary>
    private static SseRecording DeepSeek()
    {
        const string Body =
            """
            : keep-alive

            : keep-alive

            data: {"id":"1a","object":"chat.completion.chunk","created":1,"model":"@","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"Hm. "},"logprobs":null,"finish_reason":null}]}

            data: {"id":"1a","model":"@","choices":[{"index":0,"delta":{"content":"Hi","reasoning_content":null}}]}

            data: {"id":"1a","model":"@","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":13,"completion_tokens":10,"total_tokens":23,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":9}}


            """;
        return new SseRecording("deepseek", Model(Body, "deepseek-chat") + Done, Model(Body, SseRun.Canonical), Done, "Hm. Hi")
        {
            Usage = new TokenUsage(13, 4, 0, 10, 0),
        };
    }

    private static SseRecording Comments()
    {
        const string Body =
            """
            retry: 1000
            id: 7

            : OPENROUTER PROCESSING
            event: message
            data: {"provider":"x","model":"@","choices":[{"index":0,"delta":{"reasoning":"a","reasoning_content":"a","reasoning_details":[{"text":"a"}]}}]}
            id: 8



            data: {"model":"@","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\""}}]}}]}

            data: {"model":"@","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]}

            : bye


            """;
        const string End = "event: end\ndata:  [DONE] \n: over\n\n";
        return new SseRecording("comments and other fields", Model(Body, "a/b") + End + "data: late\n\n", Model(Body, SseRun.Canonical), End, "af{\"x\":1}");
    }

    private static SseRecording ManyLines()
    {
        const string Body =
            """
            data: {"id":"1",
            data: "model"
            : in between
            data:   :  @,
            data:"choices":[{"index":0,"delta":
            data
            data: {"content":"x"},"finish_reason":"stop"}], "model":@ }


            """;
        const string UsageChunk = "data: {\"choices\":\ndata: [ ],\"usage\":\ndata: {\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
        return new SseRecording(
            "data in several lines",
            Body.Replace("@", "{\"odd\":\ndata: [1]}", StringComparison.Ordinal) + UsageChunk + Done,
            Body.Replace("@", $"\"{SseRun.Canonical}\"", StringComparison.Ordinal),
            Done,
            "x")
        {
            Usage = new TokenUsage(1, 0, 0, 1, 0),
        };
    }

    /// <summary>No index, model as something else or escaped, several choices, a sign of life that is no JSON.</summary>
    private static SseRecording Foreign()
    {
        const string Body =
            """
            data: {"mod\u0065l":@,"choices":[{"delta":{"content":"a"}},{"delta":{"content":[{"type":"text","text":"b"}]}}]}

            data: ping

            data: {"choices":[{"delta":{},"finish_reason":"stop"},{"delta":{},"finish_reason":""}],"model":@,"model":@}

            data: {"choices":[{"index":1,"text":"c","finish_reason":"length"}],"usage":{"prompt_tokens":-1}}

            data:


            """;
        return new SseRecording(
            "foreign",
            Body.Replace("@", "null", StringComparison.Ordinal) + Done,
            Body.Replace("@", $"\"{SseRun.Canonical}\"", StringComparison.Ordinal),
            Done,
            "abc");
    }

    private static string Model(string body, string model) => body.Replace("@", model, StringComparison.Ordinal);
}
