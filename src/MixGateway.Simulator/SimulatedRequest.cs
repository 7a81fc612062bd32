using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace MixGateway.Simulator;

/// <summary>What the simulator reads of a request's body. It insists on JSON and a model, and is lenient about everything else.</summary>
internal sealed record SimulatedRequest
{
    private const int MaxChoices = 128;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 1024 };

    public required string Model { get; init; }
    public bool Stream { get; init; }
    public bool IncludeUsage { get; init; }
    public int Choices { get; init; } = 1;

    /// <summary>Words of the messages, the prompt or the input; at least 1.</summary>
    public long PromptTokens { get; init; }

    /// <summary>The last user message, or the prompt.</summary>
    public string LastText { get; init; } = "";

    /// <summary>The name of the first function that the caller offers.</summary>
    public string? ToolName { get; init; }

    /// <summary>Inputs to embed.</summary>
    public int Inputs { get; init; } = 1;

    public int? Dimensions { get; init; }

    /// <summary>Embeddings are asked for as base64 of little-endian floats.</summary>
    public bool Base64 { get; init; }

    public static bool TryRead(
        ReadOnlyMemory<byte> body, Operation operation, [NotNullWhen(true)] out SimulatedRequest? request, [NotNullWhen(false)] out string? error)
    {
        request = null;
        try
        {
            using var document = JsonDocument.Parse(body, Reading);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                error = "The body is not a JSON object.";
                return false;
            }

            string? model = StringOf(root, "model");
            if (string.IsNullOrEmpty(model))
            {
                error = "You must provide a model parameter.";
                return false;
            }

            error = null;
            request = operation == Operation.Embeddings ? ReadEmbeddings(root, model) : ReadCompletion(root, model, operation);
            return true;
        }
        catch (JsonException)
        {
            error = "We could not parse the JSON body of your request.";
            return false;
        }
    }

    private static SimulatedRequest ReadCompletion(JsonElement root, string model, Operation operation)
    {
        (long words, string last) = operation == Operation.Chat ? ReadMessages(root) : ReadPrompt(root);
        return new SimulatedRequest
        {
            Model = model,
            Stream = IsTrue(root, "stream"),
            IncludeUsage = root.TryGetProperty("stream_options", out JsonElement options) && IsTrue(options, "include_usage"),
            Choices = IntegerOf(root, "n") is int n and >= 1 ? Math.Min(n, MaxChoices) : 1,
            PromptTokens = Math.Max(1, words),
            LastText = last,
            ToolName = ReadToolName(root),
        };
    }

    private static SimulatedRequest ReadEmbeddings(JsonElement root, string model)
    {
        root.TryGetProperty("input", out JsonElement input);
        bool isOneInput = input.ValueKind != JsonValueKind.Array
            || (input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number);
        return new SimulatedRequest
        {
            Model = model,
            PromptTokens = Math.Max(1, CountInput(input)),
            Inputs = isOneInput ? 1 : input.GetArrayLength(),
            Dimensions = IntegerOf(root, "dimensions") is int dimensions and >= 1 and <= 4096 ? dimensions : null,
            Base64 = StringOf(root, "encoding_format") == "base64",
        };
    }

    private static (long Words, string LastUserText) ReadMessages(JsonElement root)
    {
        long words = 0;
        string last = "";
        if (!root.TryGetProperty("messages", out JsonElement messages) || messages.ValueKind != JsonValueKind.Array)
        {
            return (words, last);
        }

        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content", out JsonElement content))
            {
                continue;
            }

            string text = ReadContent(content);
            words += CountWords(text);
            if (StringOf(message, "role") == "user")
            {
                last = text;
            }
        }

        return (words, last);
    }

    private static string ReadContent(JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return TextOf(content);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (JsonElement part in content.EnumerateArray())
        {
            text.Append(StringOf(part, "text"));
        }

        return text.ToString();
    }

    private static (long Words, string Text) ReadPrompt(JsonElement root)
    {
        root.TryGetProperty("prompt", out JsonElement prompt);
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() > 0 && prompt[0].ValueKind == JsonValueKind.String)
        {
            prompt = prompt[0];
        }

        return prompt.ValueKind == JsonValueKind.String ? (CountWords(TextOf(prompt)), TextOf(prompt)) : (CountInput(prompt), "");
    }

    /// <summary>Words of a text, or tokens of a token array, or the sum over an array of either.</summary>
    private static long CountInput(JsonElement input)
    {
        switch (input.ValueKind)
        {
            case JsonValueKind.String:
                return CountWords(TextOf(input));
            case JsonValueKind.Number:
                return 1;
            case JsonValueKind.Array:
                long sum = 0;
                foreach (JsonElement item in input.EnumerateArray())
                {
                    sum += CountInput(item);
                }

                return sum;
            default:
                return 0;
        }
    }

    private static long CountWords(string text)
    {
        long words = 0;
        bool inWord = false;
        foreach (char c in text)
        {
            bool isSpace = char.IsWhiteSpace(c);
            words += !isSpace && !inWord ? 1 : 0;
            inWord = !isSpace;
        }

        return words;
    }

    private static string? ReadToolName(JsonElement root) =>
        root.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0
            && tools[0].ValueKind == JsonValueKind.Object && tools[0].TryGetProperty("function", out JsonElement function)
            ? StringOf(function, "name")
            : null;

    private static string? StringOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? TextOf(value)
            : null;

    /// <summary>A string's value; empty where it is not valid Unicode, which a caller may send and an echo cannot repeat.</summary>
    private static string TextOf(JsonElement text)
    {
        try
        {
            return text.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    private static bool IsTrue(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static int? IntegerOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
