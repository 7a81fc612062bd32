using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace MixGateway.Administration.Api;

/// <summary>Reads a request's body, which has to be one JSON object of modest size.</summary>
internal static class JsonBody
{
    public const int MaxLength = 64 * 1024;
    public const string ExpectedMediaType = "Send the body as Content-Type: application/json, not compressed.";

    /// <returns>The members, or the answer that says what is wrong with the body as a whole.</returns>
    public static async Task<(JsonMembers? Members, IResult? Problem)> ReadAsync(HttpContext context)
    {
        // Nothing is unpacked for a caller.
        if (!context.Request.HasJsonContentType() || !StringValues.IsNullOrEmpty(context.Request.Headers.ContentEncoding))
        {
            return (null, Problem.Of(context, StatusCodes.Status415UnsupportedMediaType, ExpectedMediaType));
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxLength;
        }

        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (new JsonMembers(document.RootElement.Clone(), new FieldErrors()), null)
                : (null, Problem.Of(context, StatusCodes.Status400BadRequest, "The body has to be a JSON object."));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (null, Problem.Of(context, StatusCodes.Status400BadRequest, "The body is not valid JSON."));
        }
        catch (BadHttpRequestException exception)
        {
            return (null, Problem.Of(context, exception.StatusCode, Explain(exception.StatusCode)));
        }
    }

    private static string Explain(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => $"The body may have {MaxLength} bytes at most.",
        StatusCodes.Status408RequestTimeout => "The body did not arrive in time.",
        _ => "The body did not arrive whole.",
    };
}
