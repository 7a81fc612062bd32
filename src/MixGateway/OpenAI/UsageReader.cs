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
            }
            else if (name.SequenceEqual("server_tool_use"u8))
            {
                ReadQuantities(ref atUsageObject, UsageDetail.ServerTools, ref counts);
            }
            else if (name.SequenceEqual("cache_creation"u8))
            {
                ReadQuantities(ref atUsageObject, UsageDetail.CacheCreation, ref counts);
            }
            else if (Field(name) is var field and not UsageField.Other)
            {
                atUsageObject.Read();
                Take(ref atUsageObject, field, ref counts);
            }
            else
            {
                var kind = UsageQuantities.KindOf(name, UsageDetail.None);
                atUsageObject.Read();
                TakeQuantity(ref atUsageObject, kind, ref counts);
            }
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
            var detail = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
            var field = DetailField(detail, ofPrompt);
            var kind = field == UsageField.Other ? UsageQuantities.KindOf(detail, ofPrompt ? UsageDetail.Prompt : UsageDetail.Completion) : null;
            reader.Read();
            if (field == UsageField.Other)
            {
                TakeQuantity(ref reader, kind, ref counts);
            }
            else
            {
                Take(ref reader, field, ref counts);
            }
        }
    }

    private static void ReadQuantities(ref Utf8JsonReader reader, UsageDetail detail, ref UsageCounts counts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        Span<byte> scratch = stackalloc byte[256];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var kind = UsageQuantities.KindOf(JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch), detail);
            reader.Read();
            TakeQuantity(ref reader, kind, ref counts);
        }
    }

    /// <summary>A quantity beside the tokens is kept if it is a count; what is none (a cost, a time) says nothing about the report.</summary>
    private static void TakeQuantity(ref Utf8JsonReader reader, string? kind, ref UsageCounts counts)
    {
        if (kind is not null && JsonCount.TryRead(ref reader, out var count))
        {
            counts.Add(kind, count);
        }

        reader.Skip();
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
