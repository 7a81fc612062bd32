using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixGateway.Administration;

/// <summary>How the management API and the audit log write JSON: camel-case members, enums as lower-case words, nulls shown.</summary>
internal static class AdministrationJson
{
    public static readonly JsonSerializerOptions Options = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            // The answers are JSON, not HTML, and names are written in every script.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,

            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
