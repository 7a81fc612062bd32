using System.Collections.Frozen;
using System.Globalization;

namespace MixGateway.Simulator.Scripting;

/// <summary>
/// The whole grammar of scripts. Events are counted from 1 in the order in which they are sent, [DONE] and comments not included.
/// </summary>
internal static class ScriptKnobs
{
    private const int MaxCount = 1_000_000;
    private const int MaxMilliseconds = 3_600_000;

    public static IReadOnlyList<ScriptKnob> All { get; } =
    [
        // The answer
        Count("chunks", 0, "pieces of content", (s, n) => s with { Chunks = n }),
        Word("text", "the word that content repeats; echo then no longer echoes", (s, v) => s with { Text = v }),
        Bytes("size", "content of every event, in bytes", (s, n) => s with { Size = n }),
        Number("choices", 1, 128, "choices, instead of the request's n", (s, n) => s with { Choices = n }),
        Count("tools", 0, "chunks of one tool call; there is content besides only if chunks says so", (s, n) => s with { Tools = n }),
        Count("reasoningtext", 0, "chunks of reasoning_content before the content", (s, n) => s with { ReasoningChunks = n }),
        Flag("rolechunk", "the role comes in an event of its own, not in the first content chunk", (s, f) => s with { RoleChunk = f }),
        Word("finish", "finish_reason, instead of stop or tool_calls", (s, v) => s with { Finish = v }),
        Number("dims", 1, 4096, "dimensions of an embedding where the request names none", (s, n) => s with { Dimensions = n }),
        Word("model", "the model's name in the answer, instead of the one asked for", (s, v) => s with { ReportedModel = v }),
        Flag("modelnull", "model is null in the answer", (s, f) => s with { NullModel = f }),
        Flag("headers", "adds headers of the provider's own: x-request-id, set-cookie, openai-organization, x-ratelimit-…", (s, f) => s with { ProviderHeaders = f }),

        // Time, in milliseconds
        Milliseconds("first", "silence before the status line", (s, t) => s with { First = t }),
        Milliseconds("delay", "pause between events", (s, t) => s with { Delay = t }),
        new("stall", "K:ms", "silence after event K of a stream or byte K of a JSON body; 0 is right after the headers", ApplyStall),

        // Usage
        Choice("usage", "where usage is reported: when asked, always, never, on the last content chunk, as zeros, on the first chunk too, on every chunk", (s, mode) => s with { Usage = mode }, UsageModes),
        Choice("usagestyle", "names of the cache counts", (s, deepSeek) => s with { DeepSeekUsage = deepSeek }, UsageStyles),
        Flag("nullusage", "\"usage\":null on every chunk that reports none", (s, f) => s with { NullUsage = f }),
        Tokens("prompt", "prompt tokens, instead of the words of the messages (at least 1)", (s, n) => s with { PromptTokens = n }),
        Tokens("completion", "completion tokens, instead of the number of content, reasoning and tool chunks", (s, n) => s with { CompletionTokens = n }),
        Tokens("cached", "prompt tokens read from a cache", (s, n) => s with { CachedTokens = n }),
        Tokens("cachewrite", "prompt tokens written to a cache", (s, n) => s with { CacheWriteTokens = n }),
        Tokens("reasoning", "completion tokens that were reasoning, instead of the number of reasoning chunks", (s, n) => s with { ReasoningTokens = n }),

        // Faults before an answer
        Number("error", 400, 599, "answers this status with an OpenAI error", (s, n) => s with { Error = n }),
        Choice("errorbody", "the error's body; status 500 if error does not say another", (s, body) => s with { ErrorBody = body, Error = s.Error ?? 500 }, ErrorBodies),
        Number("retryafter", 0, 86_400, "retry-after of an error in seconds; 429 has 7 without it", (s, n) => s with { RetryAfterSeconds = n }),
        Flag("ok200error", "status 200 with an error for a body, or for a stream's only event", (s, f) => s with { OkWithError = f }),
        Count("fail", 1, "only the first N calls of this id meet error (500 if not said), ok200error, reset or hang", (s, n) => s with { FailingCalls = n }),
        Number("status", 200, 599, "arbitrary status: 2xx with the usual body, 3xx with a location, from 400 as error", (s, n) => s with { Status = n }),
        Flag("hang", "never answers", (s, f) => s with { Hang = f }),
        Flag("reset", "resets the connection before the status line", (s, f) => s with { Reset = f }),

        // Faults within an answer
        Bytes("cut", "breaks the connection after event K of a stream or byte K of a JSON body; 0 is right after the headers", (s, n) => s with { Cut = n }),
        Count("errorafter", 0, "after event K one event with an error, then the stream's end without [DONE]", (s, n) => s with { ErrorAfter = n }),
        Flag("nodone", "ends without [DONE]", (s, f) => s with { NoDone = f }),
        Flag("nofinish", "ends after the last content chunk, without finish_reason, extra usage chunk and [DONE]", (s, f) => s with { NoFinish = f }),
        Count("malformed", 1, "event K is broken JSON, put between the others; a JSON body is broken in the middle", (s, n) => s with { Malformed = n }),

        // The form of an event stream
        Choice("eol", "line ending", (s, eol) => s with { LineEnding = eol }, LineEndings),
        Flag("comments", "a comment before every event", (s, f) => s with { Comments = f }),
        Flag("multiline", "an event's JSON over several data: lines", (s, f) => s with { MultiLine = f }),
        Flag("nospace", "data:{…} without a space", (s, f) => s with { NoSpace = f }),
        Flag("bom", "a byte order mark first", (s, f) => s with { ByteOrderMark = f }),
        Flag("event", "event: and id: lines", (s, f) => s with { EventLines = f }),
        Flag("trailing", "bytes after [DONE]", (s, f) => s with { Trailing = f }),

        // The form on the wire
        Number("fragment", 1, SimulatorScript.MaxBytes, "writes pieces of N bytes, each flushed", (s, n) => s with { Fragment = n }),
        Flag("glue", "the whole stream in one write", (s, f) => s with { Glue = f }),
        Choice("gzip", "compressed if accept-encoding allows it, or anyway", (s, mode) => s with { Gzip = mode }, GzipModes),

        // The form of a JSON answer
        Flag("pretty", "indented, model after usage", (s, f) => s with { Pretty = f }),
        Bytes("big", "padded to this many bytes", (s, n) => s with { Big = n }),
        Flag("jsonchunked", "without content-length", (s, f) => s with { JsonChunked = f }),
    ];

    public static FrozenDictionary<string, ScriptKnob> ByName { get; } = All.ToFrozenDictionary(knob => knob.Name, StringComparer.Ordinal);

    private static Dictionary<string, UsageMode> UsageModes => new()
    {
        ["asked"] = UsageMode.Asked,
        ["always"] = UsageMode.Always,
        ["never"] = UsageMode.Never,
        ["last"] = UsageMode.Last,
        ["zero"] = UsageMode.Zero,
        ["first"] = UsageMode.First,
        ["every"] = UsageMode.Every,
    };

    private static Dictionary<string, bool> UsageStyles => new() { ["openai"] = false, ["deepseek"] = true };

    private static Dictionary<string, ErrorBody> ErrorBodies => new()
    {
        ["openai"] = ErrorBody.OpenAI,
        ["html"] = ErrorBody.Html,
        ["empty"] = ErrorBody.Empty,
        ["leak"] = ErrorBody.Leak,
    };

    private static Dictionary<string, LineEnding> LineEndings => new()
    {
        ["lf"] = LineEnding.Lf,
        ["crlf"] = LineEnding.CrLf,
        ["cr"] = LineEnding.Cr,
    };

    private static Dictionary<string, GzipMode> GzipModes => new()
    {
        ["0"] = GzipMode.Never,
        ["1"] = GzipMode.IfAccepted,
        ["force"] = GzipMode.Always,
    };

    private static ScriptKnob Number(string name, int min, int max, string meaning, Func<SimulatorScript, int, SimulatorScript> set) =>
        new(name, $"{min}..{max}", meaning, (script, value) => TryNumber(value, min, max, out int number) ? set(script, number) : null);

    private static ScriptKnob Count(string name, int min, string meaning, Func<SimulatorScript, int, SimulatorScript> set) =>
        Number(name, min, MaxCount, meaning, set);

    private static ScriptKnob Bytes(string name, string meaning, Func<SimulatorScript, int, SimulatorScript> set) =>
        Number(name, 0, SimulatorScript.MaxBytes, meaning, set);

    private static ScriptKnob Milliseconds(string name, string meaning, Func<SimulatorScript, TimeSpan, SimulatorScript> set) =>
        Number(name, 0, MaxMilliseconds, meaning, (script, number) => set(script, TimeSpan.FromMilliseconds(number)));

    private static ScriptKnob Flag(string name, string meaning, Func<SimulatorScript, bool, SimulatorScript> set) =>
        Number(name, 0, 1, meaning, (script, number) => set(script, number == 1));

    private static ScriptKnob Word(string name, string meaning, Func<SimulatorScript, string, SimulatorScript> set) =>
        new(name, "a word", meaning, (script, value) => value.Length > 0 ? set(script, value) : null);

    /// <summary>Counts that no real provider sends are allowed, negative ones too: those who read usage must cope.</summary>
    private static ScriptKnob Tokens(string name, string meaning, Func<SimulatorScript, long, SimulatorScript> set) =>
        new(name, "an integer", meaning, (script, value) =>
            long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? set(script, number) : null);

    private static ScriptKnob Choice<T>(string name, string meaning, Func<SimulatorScript, T, SimulatorScript> set, Dictionary<string, T> values) =>
        new(name, string.Join('|', values.Keys), meaning, (script, value) => values.TryGetValue(value, out T? chosen) ? set(script, chosen) : null);

    private static SimulatorScript? ApplyStall(SimulatorScript script, string value)
    {
        int colon = value.IndexOf(':');
        return colon > 0
            && TryNumber(value[..colon], 0, SimulatorScript.MaxBytes, out int after)
            && TryNumber(value[(colon + 1)..], 0, MaxMilliseconds, out int milliseconds)
            ? script with { Stall = new Stall(after, TimeSpan.FromMilliseconds(milliseconds)) }
            : null;
    }

    private static bool TryNumber(string text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;
}
