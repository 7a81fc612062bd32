using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Reads a usage object in any of the dialects that providers with an OpenAI-compatible API speak.</summary>
/// <remarks>
/// Prompt: <c>prompt_tokens</c>, which includes cached ones; else <c>input_tokens</c>, which includes them in OpenAI's newer API and excludes
/// them in Anthropic's, known by its <c>cache_read_input_tokens</c> and <c>cache_creation_input_tokens</c>. Reasoning is part of the
/// completion, but xAI counts it apart: known by a total that adds up only with both.
/// A count that is no count makes the whole object unreadable, because a bill on half a report is worse than an estimate. null is absence.
/// </remarks>
internal static class UsageReader
{
    /// <param name="atUsageObject">On the object's start; afterwards on its end.</param>
    /// <returns>False if a count is not from 0 to <see cref="TokenUsage.MaxCount"/>, or prompt and completion are both missing.</returns>
    /// <exception cref="JsonException">The JSON is broken.</exception>
    public static bool TryRead(ref Utf8JsonReader atUsageObject, out TokenUsage usage)
    {
        var counts = new Counts();
        var readable = true;
        Span<byte> scratch = stackalloc byte[256];
        while (atUsageObject.Read() && atUsageObject.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Meaning(atUsageObject.ValueSpan, atUsageObject.ValueIsEscaped, scratch);
            if (name.EndsWith("_details"u8))
            {
                ReadDetails(ref atUsageObject, name, ref counts, ref readable);
                continue;
            }

            var field = Field(name);
            atUsageObject.Read();
            Take(ref atUsageObject, field, ref counts, ref readable);
        }

        return counts.TryResolve(out usage) && readable;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name, ref Counts counts, ref bool readable)
    {
        var ofPrompt = name.SequenceEqual("prompt_tokens_details"u8) || name.SequenceEqual("input_tokens_details"u8);
        var ofCompletion = name.SequenceEqual("completion_tokens_details"u8) || name.SequenceEqual("output_tokens_details"u8);
        reader.Read();
        if ((!ofPrompt && !ofCompletion) || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        Span<byte> scratch = stackalloc byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = DetailField(JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch), ofPrompt);
            reader.Read();
            Take(ref reader, field, ref counts, ref readable);
        }
    }

    private static void Take(ref Utf8JsonReader reader, UsageField field, ref Counts counts, ref bool readable)
    {
        if (field == UsageField.Other || reader.TokenType == JsonTokenType.Null)
        {
            reader.Skip();
        }
        else if (JsonCount.TryRead(ref reader, out var count))
        {
            counts.Set(field, count);
        }
        else
        {
            readable = false;
            reader.Skip();
        }
    }

    private static UsageField Field(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("prompt_tokens"u8) ? UsageField.Prompt
        : name.SequenceEqual("completion_tokens"u8) ? UsageField.Completion
        : name.SequenceEqual("total_tokens"u8) ? UsageField.Total
        : name.SequenceEqual("input_tokens"u8) ? UsageField.Input
        : name.SequenceEqual("output_tokens"u8) ? UsageField.Output
        : name.SequenceEqual("prompt_cache_hit_tokens"u8) || name.SequenceEqual("cached_tokens"u8) ? UsageField.Cached
        : name.SequenceEqual("cache_read_input_tokens"u8) ? UsageField.CacheRead
        : name.SequenceEqual("cache_creation_input_tokens"u8) ? UsageField.CacheCreation
        : name.SequenceEqual("cache_write_tokens"u8) ? UsageField.CacheWrite
        : name.SequenceEqual("reasoning_tokens"u8) ? UsageField.Reasoning
        : UsageField.Other;

    private static UsageField DetailField(ReadOnlySpan<byte> name, bool ofPrompt) =>
        !ofPrompt ? (name.SequenceEqual("reasoning_tokens"u8) ? UsageField.Reasoning : UsageField.Other)
        : name.SequenceEqual("cached_tokens"u8) ? UsageField.Cached
        : name.SequenceEqual("cache_write_tokens"u8) || name.SequenceEqual("cache_creation_tokens"u8) ? UsageField.CacheWrite
        : UsageField.Other;

    private enum UsageField
    {
        Other,
        Prompt,
        Completion,
        Total,
        Input,
        Output,
        Cached,
        CacheRead,
        CacheCreation,
        CacheWrite,
        Reasoning,
    }

    private struct Counts
    {
        private long? _prompt;
        private long? _completion;
        private long? _total;
        private long? _input;
        private long? _output;
        private long _cached;
        private long _cacheRead;
        private long _cacheCreation;
        private long _cacheWrite;
        private long _reasoning;

        public void Set(UsageField field, long count)
        {
            switch (field)
            {
                case UsageField.Prompt:
                    _prompt = count;
                    break;
                case UsageField.Completion:
                    _completion = count;
                    break;
                case UsageField.Total:
                    _total = count;
                    break;
                case UsageField.Input:
                    _input = count;
                    break;
                case UsageField.Output:
                    _output = count;
                    break;
                case UsageField.Cached:
                    _cached = Math.Max(_cached, count);
                    break;
                case UsageField.CacheRead:
                    _cacheRead = count;
                    break;
                case UsageField.CacheCreation:
                    _cacheCreation = count;
                    break;
                case UsageField.CacheWrite:
                    _cacheWrite = Math.Max(_cacheWrite, count);
                    break;
                case UsageField.Reasoning:
                    _reasoning = Math.Max(_reasoning, count);
                    break;
            }
        }

        public readonly bool TryResolve(out TokenUsage usage)
        {
            var prompt = _prompt ?? ((_input ?? 0) + _cacheRead + _cacheCreation);
            var completion = _completion ?? _output ?? 0;
            if (_total == prompt + completion + _reasoning)
            {
                completion += _reasoning;
            }

            var cached = Math.Min(Math.Max(_cached, _cacheRead), prompt);
            var written = Math.Min(Math.Max(_cacheWrite, _cacheCreation), prompt - cached);
            usage = new TokenUsage(prompt, cached, written, completion, Math.Min(_reasoning, completion));
            return (_prompt ?? _input ?? _completion ?? _output) is not null
                && prompt <= TokenUsage.MaxCount
                && completion <= TokenUsage.MaxCount;
        }
    }
}
