using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixGateway.Usage;

/// <summary>A record to be put aside, because the books cannot take it by itself.</summary>
internal sealed record RejectedRecord(UsageRecord Record, string Reason, DateTimeOffset ReceivedAt)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The whole record as JSON.</summary>
    public string Payload => JsonSerializer.Serialize(Record, Json);
}
