using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Picks out of a choice's message or delta what the model wrote: text, reasoning, refusals, tool names and their arguments.</summary>
internal static class AnswerText
{
    private enum NameKind
    {
        Other,
        Text,
        Reasoning,

        /// <summary>Text where it is a string, and the JSON of it where it is an object: some servers send arguments unwrapped.</summary>
        Tree,
        Repetition,
    }

    /// <param name="reader">On the message, the delta, or a completion's text; afterwards on its end.</param>
    /// <param name="json">What the reader reads.</param>
    /// <returns>Whether there was anything.</returns>
    public static bool Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, DeliveredText? text)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Take(ref reader, text);
        }

        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return false;
        }

        Span<byte> scratch = stackalloc byte[128];
        var depth = reader.CurrentDepth;
        var kind = NameKind.Other;
        var any = false;
        var reasoningTaken = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                kind = Classify(JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch));
                if (kind == NameKind.Repetition)
                {
                    reader.Skip();
                }
            }
            else if (kind == NameKind.Tree && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                text?.Append(json[start..(int)reader.BytesConsumed]);
                any = true;
            }
            else if (reader.TokenType == JsonTokenType.String && kind != NameKind.Other)
            {
                // Some servers send the same reasoning under two names.
                if (kind != NameKind.Reasoning || !reasoningTaken)
                {
                    var taken = Take(ref reader, text);
                    any |= taken;
                    reasoningTaken |= kind == NameKind.Reasoning;
                    if (taken && kind == NameKind.Reasoning && text is not null)
                    {
                        text.HasReasoning = true;
                    }
                }
            }
        }

        return any;
    }

    private static bool Take(ref Utf8JsonReader reader, DeliveredText? text)
    {
        text?.AppendJson(reader.ValueSpan, reader.ValueIsEscaped);
        return !reader.ValueSpan.IsEmpty;
    }

    private static NameKind Classify(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("text"u8) || name.SequenceEqual("name"u8) => NameKind.Text,
        5 when name.SequenceEqual("input"u8) => NameKind.Tree,
        7 when name.SequenceEqual("content"u8) || name.SequenceEqual("refusal"u8) => NameKind.Text,
        8 when name.SequenceEqual("thinking"u8) => NameKind.Text,
        9 when name.SequenceEqual("arguments"u8) => NameKind.Tree,
        9 when name.SequenceEqual("reasoning"u8) => NameKind.Reasoning,
        10 when name.SequenceEqual("transcript"u8) => NameKind.Text,
        11 when name.SequenceEqual("annotations"u8) => NameKind.Repetition,
        17 when name.SequenceEqual("reasoning_content"u8) => NameKind.Reasoning,
        17 when name.SequenceEqual("reasoning_details"u8) => NameKind.Repetition,
        _ => NameKind.Other,
    };
}
