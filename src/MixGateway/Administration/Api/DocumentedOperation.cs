using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.OpenApi;

namespace MixGateway.Administration.Api;

/// <summary>Adds to an operation of the document what its endpoint says of itself.</summary>
internal static class DocumentedOperation
{
    public static void Complete(OpenApiOperation operation, ApiDescription description)
    {
        var metadata = description.ActionDescriptor.EndpointMetadata;
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            parameter.Description ??= parameter.Name is "name" ? "The provider's name." : "The id, a UUID.";
        }

        foreach (var parameter in metadata.OfType<QueryParameter>())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(Parameter(parameter));
        }

        if (metadata.OfType<BodyExample>().FirstOrDefault() is { } example && operation.RequestBody is OpenApiRequestBody { Content: { } content } body)
        {
            body.Required = true;
            foreach (var mediaType in content.Values)
            {
                mediaType.Example = JsonNode.Parse(example.Json);
            }
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            response.Description = Explain(status) ?? response.Description;
        }
    }

    private static OpenApiParameter Parameter(QueryParameter parameter) => new()
    {
        Name = parameter.Name,
        In = ParameterLocation.Query,
        Required = parameter.IsRequired,
        Description = parameter.Description,
        Schema = parameter.Type switch
        {
            QueryType.Id => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
            QueryType.Time => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
            QueryType.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean },
            QueryType.Integer => new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int32",
                Minimum = "1",
                Maximum = PageRequest.MaxLimit.ToString(CultureInfo.InvariantCulture),
                Default = PageRequest.DefaultLimit,
            },
            _ => new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = parameter.Words is null ? null : [.. parameter.Words.Select(static word => JsonValue.Create(word))],
            },
        },
    };

    private static string? Explain(string status) => status switch
    {
        "200" => "Done; or, for what can be sent again, done before.",
        "201" => "Created.",
        "202" => "Accepted: it happens within seconds.",
        "204" => "Done.",
        "400" => "Something in the request is wrong: `errors` says what.",
        "401" => "No token, or one that is not known, revoked or expired.",
        "403" => "The token lacks the scope that `missingScope` names.",
        "404" => "There is no such thing.",
        "409" => "Not possible in the state that things are in; `detail` says why.",
        "413" => "The body is too long.",
        "415" => "The body is not `application/json`.",
        "429" => "Too often; `Retry-After` says when to come back.",
        "500" => "A mistake of the gateway's.",
        "503" => "The database or the hot store does not answer; `Retry-After` says when to come back.",
        _ => null,
    };
}
