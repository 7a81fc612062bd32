using System.Collections.Immutable;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>Reads members of a request's root that are rarely there.</summary>
internal static class FieldValues
{
    /// <summary>Which of these members the root has with a value that asks for something: not null, false, zero, or an empty string or list.</summary>
    /// <param name="body">A body that <see cref="RequestReader"/> has taken.</param>
    /// <param name="names">Compared as <see cref="RequestEnvelope.TryFindField"/> does.</param>
    /// <returns>As they stand in <paramref name="names"/>, each once.</returns>
    public static ImmutableArray<string> Asked(ReadOnlySpan<byte> body, ImmutableArray<string> names)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        var reader = RequestReader.CreateReader(body, out _);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isOne = RequestEnvelope.IsOneOf(reader.ValueSpan, names, out var name);
            reader.Read();
            if (isOne && Asks(ref reader) && !found.Contains(name))
            {
                found.Add(name);
            }

            reader.Skip();
        }

        return found.ToImmutable();
    }

    /// <summary>An empty object asks: OpenAI's <c>web_search_options</c> is mostly one.</summary>
    private static bool Asks(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null or JsonTokenType.False => false,
        JsonTokenType.String => reader.ValueSpan.Length > 0,
        JsonTokenType.Number => !reader.ValueSpan.SequenceEqual("0"u8),
        JsonTokenType.StartArray => IsFilled(reader),
        _ => true,
    };

    /// <summary>On a copy, so that the reader stays at the list's start.</summary>
    private static bool IsFilled(Utf8JsonReader copy) => copy.Read() && copy.TokenType != JsonTokenType.EndArray;
}
