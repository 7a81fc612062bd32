using System.Diagnostics.CodeAnalysis;

namespace MixGateway.Simulator.Scripting;

/// <summary>
/// What a model id asks the simulator to do. The grammar is <c>name[+knob=value]…</c>, as <c>sim+chunks=20+delay=5+finish=length</c>;
/// <see cref="ScriptKnobs"/> lists every knob with its meaning. An id without <c>+</c> is a name alone: slashes, colons and dots are part of it.
/// The name <c>echo</c> answers with the last user message, any other name with a short fixed text.
/// </summary>
internal sealed record SimulatorScript
{
    /// <summary>The most bytes that one answer or event may be asked to have.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The whole id, as the caller sent it.</summary>
    public required string Id { get; init; }

    /// <summary>The part before the first <c>+</c>.</summary>
    public required string Name { get; init; }

    public bool IsEcho => Name == "echo" && Text is null && Size is null;

    public int? Chunks { get; init; }
    public string? Text { get; init; }

    /// <summary>Bytes of content in each event.</summary>
    public int? Size { get; init; }

    public int? Choices { get; init; }
    public int Tools { get; init; }
    public int ReasoningChunks { get; init; }
    public bool RoleChunk { get; init; }
    public string? Finish { get; init; }
    public int Dimensions { get; init; } = 8;

    public TimeSpan First { get; init; }
    public TimeSpan Delay { get; init; }
    public Stall? Stall { get; init; }

    public UsageMode Usage { get; init; }
    public bool DeepSeekUsage { get; init; }
    public bool NullUsage { get; init; }
    public long? PromptTokens { get; init; }
    public long? CompletionTokens { get; init; }
    public long? CachedTokens { get; init; }
    public long? CacheWriteTokens { get; init; }
    public long? ReasoningTokens { get; init; }

    public string? ReportedModel { get; init; }
    public bool NullModel { get; init; }
    public bool ProviderHeaders { get; init; }

    public int? Error { get; init; }
    public ErrorBody ErrorBody { get; init; }
    public int? RetryAfterSeconds { get; init; }
    public bool OkWithError { get; init; }
    public int? ErrorAfter { get; init; }

    /// <summary>The calls, from the first, that meet the script's fault; later ones are answered.</summary>
    public int? FailingCalls { get; init; }

    public int? Status { get; init; }
    public bool Hang { get; init; }
    public bool Reset { get; init; }
    public int? Cut { get; init; }

    public bool NoDone { get; init; }
    public bool NoFinish { get; init; }
    public int? Malformed { get; init; }
    public LineEnding LineEnding { get; init; }
    public bool Comments { get; init; }
    public bool MultiLine { get; init; }
    public bool NoSpace { get; init; }
    public bool ByteOrderMark { get; init; }
    public bool EventLines { get; init; }
    public bool Trailing { get; init; }

    public int? Fragment { get; init; }
    public bool Glue { get; init; }
    public GzipMode Gzip { get; init; }

    public bool Pretty { get; init; }
    public int? Big { get; init; }
    public bool JsonChunked { get; init; }

    /// <summary>Reads a model id.</summary>
    /// <param name="error">What is wrong, and what would be right.</param>
    public static bool TryParse(string id, [NotNullWhen(true)] out SimulatorScript? script, [NotNullWhen(false)] out string? error)
    {
        string[] segments = id.Split('+');
        script = new SimulatorScript { Id = id, Name = segments[0] };
        for (int i = 1; i < segments.Length; i++)
        {
            if (!TryApply(script, segments[i], out script, out error))
            {
                return false;
            }
        }

        error = null;
        return true;
    }

    private static bool TryApply(
        SimulatorScript script, string segment, [NotNullWhen(true)] out SimulatorScript? applied, [NotNullWhen(false)] out string? error)
    {
        applied = null;
        int equals = segment.IndexOf('=');
        if (equals < 1)
        {
            error = $"'+{segment}' in the model id is not +knob=value.";
            return false;
        }

        string name = segment[..equals];
        if (!ScriptKnobs.ByName.TryGetValue(name, out ScriptKnob? knob))
        {
            error = $"The simulator has no knob '{name}'. Known: {string.Join(", ", ScriptKnobs.All.Select(known => known.Name))}.";
            return false;
        }

        applied = knob.Apply(script, segment[(equals + 1)..]);
        error = applied is null ? $"'{segment}' in the model id is not {name}={knob.Values}." : null;
        return applied is not null;
    }
}
