using System.Collections.Frozen;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Whether a provider's error says that there is no such model.</summary>
internal enum UnknownModelVerdict
{
    No,

    /// <summary>By a code or parameter, which no caller's text gets into.</summary>
    ByItsCode,

    /// <summary>By its message, which may repeat what the caller wrote: good for the caller's own account only.</summary>
    ByItsWords,
}

/// <summary>Reads the errors about unknown models that providers have: OpenAI, DeepSeek, OpenRouter, vLLM, Ollama and others.</summary>
internal static class UnknownModelVerdicts
{
    private const string Model = "model";

    /// <summary>A message that is longer and does not name the model is about something else.</summary>
    private const int ShortMessage = 40;

    private static readonly FrozenSet<string> Codes = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "model_not_found", "model_not_exist", "model_not_exists", "ModelNotFound", "ModelNotExist", "unknown_model", "invalid_model", "invalid_model_id");

    private static readonly string[] Words = ["not found", "not exist", "not a valid model", "unknown model", "no such model", "invalid model"];

    /// <param name="error">As the caller gets it.</param>
    public static UnknownModelVerdict Of(OpenAIError error, string modelId, string canonicalName)
    {
        if (error.Status is not (StatusCodes.Status400BadRequest or StatusCodes.Status404NotFound or StatusCodes.Status422UnprocessableEntity))
        {
            return UnknownModelVerdict.No;
        }

        if (error.Code is { } code && Codes.Contains(code))
        {
            return UnknownModelVerdict.ByItsCode;
        }

        // 404 about the parameter "model" is about the model; 400 is also given for one that cannot do what was asked.
        if (error.Status == StatusCodes.Status404NotFound && error.Param == Model)
        {
            return UnknownModelVerdict.ByItsCode;
        }

        var message = error.Message;
        return Array.Exists(Words, words => message.Contains(words, StringComparison.OrdinalIgnoreCase)) && NamesIt(message, modelId, canonicalName)
            ? UnknownModelVerdict.ByItsWords
            : UnknownModelVerdict.No;
    }

    private static bool NamesIt(string message, string modelId, string canonicalName) =>
        message.Contains(Model, StringComparison.OrdinalIgnoreCase)
        && (message.Length <= ShortMessage || message.Contains(modelId, StringComparison.Ordinal) || message.Contains(canonicalName, StringComparison.Ordinal));
}
