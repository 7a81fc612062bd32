using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace MixGateway.Administration.Api;

/// <summary>The description of the API as OpenAPI, made of what <see cref="EndpointDescription"/> says of each endpoint.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";
    public const string Path = $"/openapi/{Name}.json";

    private const string SecurityScheme = "token";

    private const string About =
        """
        Accounts, keys, money, usage and operations of the gateway.

        * Send a token as `Authorization: Bearer`. `Bootstrap:AdminToken` may do everything; tokens of `POST /api/v1/tokens` what their scopes allow.
        * Lists are `{"data":[…],"nextCursor":…}`, with `limit` (1 to 500, 50 by default) and `cursor`; the last page has a `nextCursor` of null.
        * Money is a decimal string of at most 9 decimals, without exponent or trailing zeros. Requests may also hold a number.
        * Times are RFC 3339 in UTC; `from` is part of a period, `to` is not.
        * In a PATCH, a member that is not there stays as it is, and null clears it.
        * Errors are problem details (RFC 9457); `errors` names each field that is wrong, `requestId` is in the log too.
        """;

    public static void AddApiDocument(this IServiceCollection services)
    {
        // The schemas are made by these options: they have to say what AdministrationJson writes.
        services.ConfigureHttpJsonOptions(static json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        });
        services.AddOpenApi(Name, static options =>
        {
            // What generators of clients know best.
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
            options.ShouldInclude = static description => $"/{description.RelativePath}".StartsWith(ApiPaths.Root + "/", StringComparison.Ordinal);
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(static (operation, context, _) =>
            {
                DocumentedOperation.Complete(operation, context.Description);
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer(static (schema, context, _) =>
            {
                DocumentedSchema.Complete(schema, context);
                return Task.CompletedTask;
            });
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "MixGateway management API",
            Version = typeof(ApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0],
            Description = About,
        };
        document.AddComponent(SecurityScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "`Bootstrap:AdminToken`, or a token of this API.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, document)] = [] }];
    }
}
