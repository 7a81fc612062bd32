using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using MixGateway.Billing;

namespace MixGateway.Administration.Api;

/// <summary>Describes what the serializer's own types do not tell.</summary>
internal static class DocumentedSchema
{
    public static void Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonTypeInfo.Type == typeof(Money))
        {
            schema.Type = JsonSchemaType.String;
            schema.Pattern = @"^-?(0|[1-9][0-9]*)(\.[0-9]{1,9})?$";
            schema.Description = "An amount of the billing currency as a decimal, with at most 9 decimals.";
            schema.Examples = ["12.5"];
        }

        if (schema is { Type: null, Enum.Count: > 0 })
        {
            schema.Type = JsonSchemaType.String;
        }

        if (context.JsonPropertyInfo?.Name == "scopes" && schema.Items is OpenApiSchema item)
        {
            item.Enum = [.. Scopes.All.Select(static scope => JsonValue.Create(scope))];
        }
    }
}
