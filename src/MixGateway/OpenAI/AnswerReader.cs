using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>One pass over a whole JSON answer or one chunk of a stream. Allocates nothing.</summary>
internal static class AnswerReader
{
    /// <param name="json">Without a byte order mark. Ranges in <paramref name="findings"/> count from its start.</param>
    /// <param name="text">Gets the texts that a caller would see; left as it was if this returns false.</param>
    /// <returns>False if this is not one whole JSON object.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, AnswerFindings findings, DeliveredText? text)
    {
        findings.Reset();
        var mark = text?.Mark() ?? default;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RequestReader.MaxDepth });
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadRoot(ref reader, findings, text);
                reader.Read(); // throws where something follows the object
                return true;
            }
        }
        catch (JsonException)
        {
            // Providers do send broken events; what to do with one is the scanner's decision.
        }

        findings.Reset();
        text?.GoBack(mark);
        return false;
    }

    private static void ReadRoot(ref Utf8JsonReader reader, AnswerFindings findings, DeliveredText? text)
    {
        Span<byte> scratch = stackalloc byte[64];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
            if (name.SequenceEqual("model"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                findings.AddModel(new ByteRange(start, (int)reader.BytesConsumed - start));
            }
            else if (name.SequenceEqual("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader, findings, text);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                reader.Read();
                ReadUsage(ref reader, findings);
            }
            else if (name.SequenceEqual("error"u8))
            {
                reader.Read();
                findings.HasErrorMember = SaysSomething(ref reader);
                reader.Skip();
            }
            else
            {
                findings.HasData |= name.SequenceEqual("data"u8);
                reader.Skip();
            }
        }
    }

    private static void ReadUsage(ref Utf8JsonReader reader, AnswerFindings findings)
    {
        findings.HasUsageObject = reader.TokenType == JsonTokenType.StartObject;
        findings.Usage = null;
        if (!findings.HasUsageObject)
        {
            reader.Skip();
        }
        else if (UsageReader.TryRead(ref reader, out var usage))
        {
            findings.Usage = usage;
        }
    }

    /// <summary>Some servers write an empty error beside a good answer.</summary>
    private static bool SaysSomething(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null or JsonTokenType.False => false,
        JsonTokenType.String => !reader.ValueSpan.IsEmpty,
        _ => true,
    };

    private static void ReadChoices(ref Utf8JsonReader reader, AnswerFindings findings, DeliveredText? text)
    {
        findings.Choices = ChoicesForm.None;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        findings.Choices = ChoicesForm.Empty;
        for (var position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            findings.Choices = ChoicesForm.Some;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadChoice(ref reader, position, findings, text);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadChoice(ref Utf8JsonReader reader, int position, AnswerFindings findings, DeliveredText? text)
    {
        Span<byte> scratch = stackalloc byte[64];
        long index = position;
        var finished = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
            if (name.SequenceEqual("delta"u8) || name.SequenceEqual("message"u8))
            {
                reader.Read();
                findings.HasContent |= AnswerText.Read(ref reader, text);
            }
            else if (name.SequenceEqual("finish_reason"u8))
            {
                reader.Read();
                finished = reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty;
                reader.Skip();
            }
            else if (name.SequenceEqual("index"u8))
            {
                reader.Read();
                index = JsonCount.TryRead(ref reader, out var given) ? given : index;
                reader.Skip();
            }
            else if (name.SequenceEqual("text"u8))
            {
                reader.Read();
                findings.HasContent |= AnswerText.Read(ref reader, text);
            }
            else
            {
                reader.Skip();
            }
        }

        Note(index, finished, findings);
    }

    private static void Note(long index, bool finished, AnswerFindings findings)
    {
        if (index >= AnswerFindings.MaxChoices)
        {
            findings.ChoiceBeyondMax = true;
            return;
        }

        var bit = UInt128.One << (int)index;
        findings.ChoicesSeen |= bit;
        if (finished)
        {
            findings.ChoicesFinished |= bit;
        }
    }
}
