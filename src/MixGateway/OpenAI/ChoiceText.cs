using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Takes the text of one choice: of its delta, its message, or an older completion's text.</summary>
/// <remarks>Some providers repeat the whole message beside the delta in each chunk of a stream; then the delta alone counts.</remarks>
internal struct ChoiceText
{
    private TextMark _beforeMessage;
    private bool _deltaSeen;
    private bool _messageTaken;

    /// <summary>Reads the value of a choice's member.</summary>
    /// <param name="reader">On the name; afterwards on the value's end.</param>
    /// <param name="json">What the reader reads.</param>
    /// <returns>Whether there was any text.</returns>
    public bool Read(scoped ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, DeliveredText? text)
    {
        if (name.SequenceEqual("delta"u8))
        {
            reader.Read();
            if (_messageTaken)
            {
                text?.GoBack(_beforeMessage);
            }

            _deltaSeen |= reader.TokenType == JsonTokenType.StartObject;
            return AnswerText.Read(ref reader, json, text);
        }

        if (name.SequenceEqual("message"u8))
        {
            reader.Read();
            _beforeMessage = text?.Mark() ?? default;
            _messageTaken = !_deltaSeen;
            return AnswerText.Read(ref reader, json, _deltaSeen ? null : text);
        }

        var isText = name.SequenceEqual("text"u8);
        reader.Read();
        if (isText)
        {
            return AnswerText.Read(ref reader, json, text);
        }

        reader.Skip();
        return false;
    }
}
