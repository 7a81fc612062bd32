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
                new Pass(json, findings, text).ReadRoot(ref reader);
                reader.Read(); // throws where something follows the object
                return true;
            }
        }
        catch (JsonException)
        {
            // Providers do send broken events; what that means is the judge's decision.
        }

        findings.Reset();
        text?.GoBack(mark);
        return false;
    }

    /// <summary>Whether the judgment of an answer looks into this top-level member; <c>model</c> and <c>choices</c> apart.</summary>
    public static bool Judges(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("usage"u8) || name.SequenceEqual("x_groq"u8) || name.SequenceEqual("usageMetadata"u8) || name.SequenceEqual("usage_metadata"u8)
        || ErrorSigns.LooksAt(name);

    /// <summary>The state of one pass.</summary>
    private ref struct Pass(ReadOnlySpan<byte> json, AnswerFindings findings, DeliveredText? text)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private ErrorSigns _signs;

        // In order of trust: the answer's own report, the one inside of choices, the one of an extension.
        private UsageCounts _usage;
        private UsageCounts _choiceUsage;
        private UsageCounts _otherUsage;
        private bool _hasChoiceUsage;
        private bool _hasOtherUsage;

        public void ReadRoot(ref Utf8JsonReader reader)
        {
            Span<byte> scratch = stackalloc byte[64];
            var before = (int)reader.BytesConsumed;
            var isFirst = true;
            var firstNull = -1;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                if (firstNull >= 0)
                {
                    // Where usage is the first member, the comma behind it goes with it.
                    findings.AddEdit(new AnswerEdit(new ByteRange(firstNull, start - firstNull), IsModel: false));
                    firstNull = -1;
                }

                var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
                if (ReadMember(name, ref reader))
                {
                    if (isFirst)
                    {
                        firstNull = start;
                    }
                    else
                    {
                        findings.AddEdit(new AnswerEdit(new ByteRange(before, (int)reader.BytesConsumed - before), IsModel: false));
                    }
                }

                before = (int)reader.BytesConsumed;
                isFirst = false;
            }

            if (firstNull >= 0)
            {
                findings.AddEdit(new AnswerEdit(new ByteRange(firstNull, before - firstNull), IsModel: false));
            }

            Resolve();
        }

        /// <returns>True if this is a usage of null.</returns>
        private bool ReadMember(scoped ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
        {
            if (name.SequenceEqual("model"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                findings.AddEdit(new AnswerEdit(new ByteRange(start, (int)reader.BytesConsumed - start), IsModel: true));
            }
            else if (name.SequenceEqual("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                reader.Read();
                ReadUsage(ref reader);
                return reader.TokenType == JsonTokenType.Null;
            }
            else if (name.SequenceEqual("x_groq"u8))
            {
                ReadExtension(ref reader);
            }
            else if (name.SequenceEqual("usageMetadata"u8) || name.SequenceEqual("usage_metadata"u8))
            {
                reader.Read();
                _hasOtherUsage |= TryReadCounts(ref reader, ref _otherUsage);
            }
            else if (name.SequenceEqual("data"u8))
            {
                reader.Read();
                findings.HasData |= reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
            }
            else
            {
                _signs.ReadMember(name, ref reader);
            }

            return false;
        }

        private void Resolve()
        {
            findings.IsError = _signs.Judge(findings.Choices, findings.HasData);
            findings.Usage = (findings.HasUsageObject ? _usage.Resolve(findings.HasData) : null)
                ?? (_hasChoiceUsage ? _choiceUsage.Resolve(isEmbedding: false) : null)
                ?? (_hasOtherUsage ? _otherUsage.Resolve(isEmbedding: false) : null);
        }

        private void ReadUsage(ref Utf8JsonReader reader)
        {
            _usage = default;
            findings.HasUsageObject = TryReadCounts(ref reader, ref _usage);
        }

        /// <summary>Groq reports the usage of a stream in a member of its own.</summary>
        private void ReadExtension(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return;
            }

            Span<byte> scratch = stackalloc byte[64];
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
                if (name.SequenceEqual("error"u8))
                {
                    _signs.ReadMember(name, ref reader);
                    continue;
                }

                var isUsage = name.SequenceEqual("usage"u8);
                reader.Read();
                if (isUsage)
                {
                    _hasOtherUsage |= TryReadCounts(ref reader, ref _otherUsage);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private static bool TryReadCounts(ref Utf8JsonReader reader, ref UsageCounts counts)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return false;
            }

            UsageReader.Read(ref reader, ref counts);
            return true;
        }

        private void ReadChoices(ref Utf8JsonReader reader)
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
                    ReadChoice(ref reader, position);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private void ReadChoice(ref Utf8JsonReader reader, int position)
        {
            Span<byte> scratch = stackalloc byte[64];
            long index = position;
            var finished = false;
            var pieces = new ChoiceText();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonText.Meaning(reader.ValueSpan, reader.ValueIsEscaped, scratch);
                if (name.SequenceEqual("finish_reason"u8))
                {
                    reader.Read();
                    finished = reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty;
                    if (finished && (reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("network_error"u8)))
                    {
                        _signs.ChoiceFailed();
                    }

                    reader.Skip();
                }
                else if (name.SequenceEqual("index"u8))
                {
                    reader.Read();
                    index = JsonCount.TryRead(ref reader, out var given) ? given : index;
                    reader.Skip();
                }
                else if (name.SequenceEqual("usage"u8))
                {
                    reader.Read();
                    _hasChoiceUsage |= TryReadCounts(ref reader, ref _choiceUsage);
                }
                else if (name.SequenceEqual("error"u8))
                {
                    _signs.ReadMember(name, ref reader);
                }
                else
                {
                    findings.HasContent |= pieces.Read(name, ref reader, _json, text);
                }
            }

            Note(index, finished);
        }

        private readonly void Note(long index, bool finished)
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
}
