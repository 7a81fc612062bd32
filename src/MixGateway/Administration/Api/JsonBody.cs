using System.Buffers;
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
            // The server's limit ends the connection before the caller has read the answer. The one below does not.
            limit.MaxRequestBodySize = null;
        }

        try
        {
            using var document = await ReadDocumentAsync(context);
            if (document is null)
            {
                return (null, Problem.Of(context, StatusCodes.Status413PayloadTooLarge, Explain(StatusCodes.Status413PayloadTooLarge)));
            }

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

    /// <returns>Null if the body is longer than <see cref="MaxLength"/>.</returns>
    private static async Task<JsonDocument?> ReadDocumentAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxLength)
        {
            return null;
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            var buffer = read.Buffer;
            if (buffer.Length > MaxLength)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                try
                {
                    return JsonDocument.Parse(buffer.ToArray());
                }
                finally
                {
                    reader.AdvanceTo(buffer.End);
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static string Explain(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => $"The body may have {MaxLength} bytes at most.",
        StatusCodes.Status408RequestTimeout => "The body did not arrive in time.",
        _ => "The body did not arrive whole.",
    };
}
