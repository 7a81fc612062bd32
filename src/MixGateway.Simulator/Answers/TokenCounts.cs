using System.Buffers;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Answers;

/// <summary>The counts that an answer reports. They are what the script says, plausible or not.</summary>
internal readonly record struct TokenCounts(long Prompt, long Completion, long? Cached, long? CacheWrite, long? Reasoning)
{
    /// <param name="chunks">Chunks of the answer over all choices.</param>
    /// <param name="reasoningChunks">Those of them that are reasoning.</param>
    public static TokenCounts Of(SimulatedCall call, long chunks, long reasoningChunks)
    {
        SimulatorScript script = call.Script;
        if (script.Usage == UsageMode.Zero)
        {
            return default;
        }

        return new TokenCounts(
            script.PromptTokens ?? call.Request.PromptTokens,
            script.CompletionTokens ?? chunks,
            script.CachedTokens,
            script.CacheWriteTokens,
            script.ReasoningTokens ?? (reasoningChunks > 0 ? reasoningChunks : null));
    }

    /// <summary>The counts when only a part of the chunks has been sent.</summary>
    public TokenCounts After(long sent, long all) => all == 0 ? this : this with { Completion = Completion * sent / all };

    /// <summary>Appends <c>"usage":{…}</c>. Cache writes have the name that OpenRouter gives them: OpenAI reports none.</summary>
    public void AppendTo(IBufferWriter<byte> buffer, bool deepSeek)
    {
        buffer.Write("\"usage\":{\"prompt_tokens\":"u8);
        buffer.Number(Prompt);
        buffer.Write(",\"completion_tokens\":"u8);
        buffer.Number(Completion);
        buffer.Write(",\"total_tokens\":"u8);
        buffer.Number(Prompt + Completion);
        AppendPromptDetails(buffer, deepSeek);
        if (Reasoning is long reasoning)
        {
            buffer.Write(",\"completion_tokens_details\":{\"reasoning_tokens\":"u8);
            buffer.Number(reasoning);
            buffer.Write("}"u8);
        }

        if (deepSeek)
        {
            buffer.Write(",\"prompt_cache_hit_tokens\":"u8);
            buffer.Number(Cached ?? 0);
            buffer.Write(",\"prompt_cache_miss_tokens\":"u8);
            buffer.Number(Prompt - (Cached ?? 0));
        }

        buffer.Write("}"u8);
    }

    private void AppendPromptDetails(IBufferWriter<byte> buffer, bool deepSeek)
    {
        bool hasCached = Cached is not null && !deepSeek;
        if (!hasCached && CacheWrite is null)
        {
            return;
        }

        buffer.Write(",\"prompt_tokens_details\":{"u8);
        if (hasCached)
        {
            buffer.Write("\"cached_tokens\":"u8);
            buffer.Number(Cached!.Value);
        }

        if (CacheWrite is long written)
        {
            buffer.Write(hasCached ? ",\"cache_write_tokens\":"u8 : "\"cache_write_tokens\":"u8);
            buffer.Number(written);
        }

        buffer.Write("}"u8);
    }
}
