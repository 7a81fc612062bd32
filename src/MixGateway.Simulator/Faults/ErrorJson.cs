using System.Buffers;
using MixGateway.Simulator.Answers;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Faults;

/// <summary>OpenAI's error object.</summary>
internal static class ErrorJson
{
    public static byte[] Of(SimulatedCall call, int status)
    {
        if (call.Script.ErrorBody == ErrorBody.Leak)
        {
            string credential = call.Context.Request.Headers.Authorization.ToString();
            return Of($"Incorrect API key provided: {credential}.", "invalid_request_error", null, "invalid_api_key");
        }

        string model = call.Script.Id;
        return status switch
        {
            400 => Of($"Invalid 'temperature' for model `{model}`: expected a number of at most 2.", "invalid_request_error", "temperature", "invalid_value"),
            401 => Of("Incorrect API key provided.", "invalid_request_error", null, "invalid_api_key"),
            402 => Of("Insufficient Balance", "unknown_error", null, "invalid_request_error"),
            403 => Of("Country, region, or territory not supported", "request_forbidden", null, "unsupported_country_region_territory"),
            404 => Of($"The model `{model}` does not exist or you do not have access to it.", "invalid_request_error", null, "model_not_found"),
            413 => Of($"The request is too large for `{model}`.", "invalid_request_error", null, "request_too_large"),
            422 => Of($"`{model}` could not process the messages.", "invalid_request_error", "messages", "unprocessable_entity"),
            429 => Of($"Rate limit reached for {model} in organization org-of-the-provider-account.", "requests", null, "rate_limit_exceeded"),
            503 => Of($"The engine of {model} is overloaded.", "server_error", null, "service_unavailable"),
            StatusCodes.Status200OK or >= 500 => Of("The server had an error while processing your request.", "server_error", null, "internal_error"),
            _ => Of($"The simulator was asked for status {status}.", "invalid_request_error", null, null),
        };
    }

    public static byte[] Of(string message, string type, string? param, string? code)
    {
        var json = new ArrayBufferWriter<byte>(256);
        json.Write("{\"error\":{\"message\":"u8);
        json.String(message);
        json.Write(",\"type\":"u8);
        json.String(type);
        json.Write(",\"param\":"u8);
        AppendNullable(json, param);
        json.Write(",\"code\":"u8);
        AppendNullable(json, code);
        json.Write("}}"u8);
        return json.WrittenSpan.ToArray();
    }

    private static void AppendNullable(ArrayBufferWriter<byte> json, string? text)
    {
        if (text is null)
        {
            json.Write("null"u8);
        }
        else
        {
            json.String(text);
        }
    }
}
