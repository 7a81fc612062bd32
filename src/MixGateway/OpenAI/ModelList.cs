using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MixGateway.OpenAI;

/// <summary>One model as <c>GET /v1/models</c> shows it.</summary>
/// <param name="Id">What callers write as <c>model</c>.</param>
/// <param name="Created">Unix time in seconds.</param>
/// <param name="OwnedBy">The provider's name.</param>
/// <param name="Pricing">Plain decimals by kind, in the order shown.</param>
internal sealed record ListedModel(
    string Id,
    long Created,
    string OwnedBy,
    long? ContextLength,
    long? MaxOutputTokens,
    ImmutableArray<KeyValuePair<string, string>> Pricing);

/// <summary>Writes models in OpenAI's form, with what a chooser of models needs added.</summary>
internal static class ModelList
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, IEnumerable<ListedModel> models)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var model in models)
        {
            WriteModel(writer, model);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteOne(IBufferWriter<byte> output, ListedModel model)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        WriteModel(writer, model);
    }

    private static void WriteModel(Utf8JsonWriter writer, ListedModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, model.Id);
        writer.WriteString("object"u8, "model"u8);
        writer.WriteNumber("created"u8, model.Created);
        writer.WriteString("owned_by"u8, model.OwnedBy);
        if (model.ContextLength is { } context)
        {
            writer.WriteNumber("context_length"u8, context);
        }

        if (model.MaxOutputTokens is { } output)
        {
            writer.WriteNumber("max_output_tokens"u8, output);
        }

        writer.WriteStartObject("pricing"u8);
        foreach (var (kind, price) in model.Pricing)
        {
            writer.WriteString(kind, price);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
