using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>
/// The outer wall of <c>/v1</c>: path, method and media type are checked before the key, and whatever goes wrong inside is
/// answered in OpenAI's form.
/// </summary>
internal sealed partial class ApiBoundaryMiddleware(RequestDelegate next, ILogger<ApiBoundaryMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (Check(context.Request) is { } error)
        {
            if (error.Status == StatusCodes.Status405MethodNotAllowed)
            {
                context.Response.Headers.Allow = IsModels(context.Request.Path) ? HttpMethods.Get : HttpMethods.Post;
            }

            await context.WriteErrorAsync(error);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Log.Unhandled(logger, e);
            context.Response.Clear();
            await context.WriteErrorAsync(UpstreamFailure.IsLackOfMemory(e) ? OpenAIErrors.OutOfMemory() : OpenAIErrors.InternalError());
        }
    }

    private static OpenAIError? Check(HttpRequest request)
    {
        if (IsModels(request.Path))
        {
            return HttpMethods.IsGet(request.Method) ? null : OpenAIErrors.MethodNotAllowed(request.Method, HttpMethods.Get);
        }

        if (!OpenAIPaths.TryGetOperation(request.Path, out _))
        {
            return OpenAIErrors.UnknownUrl(request.Path, PathSuggestion.Of(request.Path));
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            return OpenAIErrors.MethodNotAllowed(request.Method, HttpMethods.Post);
        }

        return ContentChecks.IsJson(request.Headers.ContentType) && ContentChecks.IsPlain(request.Headers.ContentEncoding) ? null : OpenAIErrors.UnsupportedMediaType();
    }

    private static bool IsModels(PathString path) => path.StartsWithSegments(OpenAIPaths.Models, StringComparison.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A request failed inside the gateway", EventName = nameof(Unhandled))]
        public static partial void Unhandled(ILogger logger, Exception exception);
    }
}
