namespace MixGateway.Diagnostics;

/// <summary>Gives every request an id and every answer its <c>x-request-id</c>; a caller's own id goes to the log only.</summary>
internal sealed partial class RequestIdMiddleware(RequestDelegate next, TimeProvider time, ILogger<RequestIdMiddleware> logger)
{
    public const string HeaderName = "x-request-id";

    public Task InvokeAsync(HttpContext context)
    {
        var id = RequestId.Create(time);
        context.Features.Set(id);
        context.TraceIdentifier = id.ToString();

        // Set when the headers go out: an attempt that is retried clears the headers set before.
        context.Response.OnStarting(SetHeader, context);

        if (logger.IsEnabled(LogLevel.Debug) && CallerWords.RequestId(context.Request) is { } theirs)
        {
            Log.CallersRequestId(logger, id.Value, theirs);
        }

        return next(context);
    }

    private static Task SetHeader(object state)
    {
        var context = (HttpContext)state;
        context.Response.Headers[HeaderName] = context.GetRequestId();
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Request {RequestId} carries the caller's id {CallersId}", EventName = nameof(CallersRequestId))]
        public static partial void CallersRequestId(ILogger logger, Guid requestId, string callersId);
    }
}

/// <summary>Where the rest of the application finds the request's id.</summary>
internal static class RequestIdExtensions
{
    /// <exception cref="InvalidOperationException"><see cref="RequestIdMiddleware"/> is not in the pipeline.</exception>
    public static RequestId GetRequestId(this HttpContext context) =>
        context.Features.Get<RequestId>() ?? throw new InvalidOperationException($"{nameof(RequestIdMiddleware)} has to run first.");
}
