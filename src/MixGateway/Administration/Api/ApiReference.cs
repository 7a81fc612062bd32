using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace MixGateway.Administration.Api;

/// <summary>A page to read the API's description and try it out. Everything on it comes from this gateway.</summary>
internal static class ApiReference
{
    public const string Path = "/api/reference";

    private const int NonceBytes = 16;

    public static void MapApiReference(this WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference(Path, static (options, context) =>
        {
            options.WithTitle("MixGateway management API")
                .WithOpenApiRoutePattern("/openapi/{documentName}.json")
                .AddDocument(ApiDocument.Name)
                .AddPreferredSecuritySchemes("token");
            options.DefaultFonts = false;
            options.Telemetry = false;
            options.HideClientButton = true;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.Mcp = new ScalarMcpOptions { Disabled = true };

            // Whoever reads this page types a token into it: no script runs there but its own, and it talks to nobody else.
            options.Nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));
            context.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'self' 'nonce-{options.Nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
                + "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        });
    }
}
