using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Reads a usage object in any of the forms that providers with an OpenAI-compatible API use.</summary>
/// <remarks>
/// Besides OpenAI's own names: Anthropic's (<c>input_tokens</c>), DeepSeek's and Moonshot's cache counts, Gemini's <c>usageMetadata</c> and
/// Bedrock's camel case. A count that is no count makes the whole object unreadable, because a bill on half a report is worse than an
/// estimate. null is absence. <see cref="UsageCounts"/> has the arithmetic.
/// </remarks>
internal static class UsageReader
{
    /// <summary>Adds the object's counts to <paramref name="counts"/>.</summary>
    /// <param name="atUsageObject">On the object's start; afterwards on its end.</param>
    /// <exception cref="JsonException">The JSON is broken.</exception>
    public static void Read(ref Utf8JsonReader atUsageObject, ref UsageCounts counts)
    {
        Span<byte> scratch = stackalloc byte[256];
        while (atUsageObject.Read() && atUsageObject.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Meaning(atUsageObject.ValueSpan, atUsageObject.ValueIsEscaped, scratch);
            if (name.EndsWith("_details"u8))
            {
                ReadDetails(ref atUsageObject, name, ref counts);
                continue;
            }

            var field = Field(name);
            atUsageObject.Read();
            Take(ref atUsageObject, field, ref counts);
        }
    }

    private static void ReadDetails(ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> name, ref UsageCounts counts)
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
            Take(ref reader, field, ref counts);
        }
    }

    private static void Take(ref Utf8JsonReader reader, UsageField field, ref UsageCounts counts)
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
            counts.SetUnreadable();
            reader.Skip();
        }
    }

    private static UsageField Field(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("prompt_tokens"u8) || name.SequenceEqual("promptTokenCount"u8) ? UsageField.Prompt
        : name.SequenceEqual("completion_tokens"u8) ? UsageField.Completion
        : name.SequenceEqual("total_tokens"u8) || name.SequenceEqual("totalTokens"u8) || name.SequenceEqual("totalTokenCount"u8) ? UsageField.Total
        : name.SequenceEqual("input_tokens"u8) || name.SequenceEqual("inputTokens"u8) ? UsageField.Input
        : name.SequenceEqual("output_tokens"u8) || name.SequenceEqual("outputTokens"u8) ? UsageField.Output
        : name.SequenceEqual("prompt_cache_hit_tokens"u8) || name.SequenceEqual("cached_tokens"u8)
            || name.SequenceEqual("cachedContentTokenCount"u8) ? UsageField.Cached
        : name.SequenceEqual("cache_read_input_tokens"u8) || name.SequenceEqual("cacheReadInputTokens"u8) ? UsageField.CacheRead
        : name.SequenceEqual("cache_creation_input_tokens"u8) || name.SequenceEqual("cacheWriteInputTokens"u8) ? UsageField.CacheCreation
        : name.SequenceEqual("cache_write_tokens"u8) ? UsageField.CacheWrite
        : name.SequenceEqual("reasoning_tokens"u8) ? UsageField.Reasoning
        : name.SequenceEqual("candidatesTokenCount"u8) ? UsageField.Candidates
        : name.SequenceEqual("thoughtsTokenCount"u8) ? UsageField.Thoughts
        : name.SequenceEqual("toolUsePromptTokenCount"u8) ? UsageField.ToolPrompt
        : UsageField.Other;

    private static UsageField DetailField(ReadOnlySpan<byte> name, bool ofPrompt) =>
        !ofPrompt ? (name.SequenceEqual("reasoning_tokens"u8) ? UsageField.Reasoning : UsageField.Other)
        : name.SequenceEqual("cached_tokens"u8) ? UsageField.Cached
        : name.SequenceEqual("cache_write_tokens"u8) || name.SequenceEqual("cache_creation_tokens"u8) ? UsageField.CacheWrite
        : UsageField.Other;
}
