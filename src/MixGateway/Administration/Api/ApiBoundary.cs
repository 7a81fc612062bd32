using Microsoft.AspNetCore.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Administration.Api;

/// <summary>What every call of the management API passes first: errors become problem details, and the token is checked.</summary>
internal static partial class ApiBoundary
{
    public static void UseApiBoundary(this IApplicationBuilder app) =>
        app.UseWhen(static context => context.Request.Path.StartsWithSegments(ApiPaths.Root), static api =>
        {
            api.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandler = AnswerExceptionAsync,
                SuppressDiagnosticsCallback = static context => IsDatabaseAway(context.Exception),
            });
            api.UseStatusCodePages(static pages => AnswerStatusAsync(pages.HttpContext));
            api.Use(static (context, next) =>
            {
                // An answer may hold a new key, and none is true for long.
                context.Response.Headers.CacheControl = "no-store";
                return next(context);
            });
            api.UseMiddleware<AdminTokenMiddleware>();
        });

    /// <summary>An answer that routing or binding gave without a body.</summary>
    private static Task AnswerStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        return Problem.Of(context, status, status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this path.",
            StatusCodes.Status405MethodNotAllowed => "The path does not take this method; Allow says which it takes.",
            StatusCodes.Status415UnsupportedMediaType => JsonBody.ExpectedMediaType,
            _ => "The request could not be answered.",
        }).ExecuteAsync(context);
    }

    private static Task AnswerExceptionAsync(HttpContext context)
    {
        var exception = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (!IsDatabaseAway(exception))
        {
            return Problem.Of(context, StatusCodes.Status500InternalServerError, "A mistake of ours; the log has it under the requestId.").ExecuteAsync(context);
        }

        Log.DatabaseAway(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ApiBoundary)), context.Request.Method, exception!.GetBaseException().Message);
        context.Response.Headers.RetryAfter = Problem.RetryAfterSeconds;
        return Problem.Of(
            context,
            StatusCodes.Status503ServiceUnavailable,
            "The database does not answer, or takes no changes. Whether a change was made is not known; a credit with an idempotencyKey can be sent again.").ExecuteAsync(context);
    }

    /// <inheritdoc cref="DatabaseFault.IsAway"/>
    public static bool IsDatabaseAway(Exception? exception) => DatabaseFault.IsAway(exception);

    private static partial class Log
    {
        [LoggerMessage(EventName = "AdminDatabaseAway", Level = LogLevel.Warning, Message = "A {Method} of the management API was answered with 503 because the database does not answer or takes no changes: {Reason}")]
        public static partial void DatabaseAway(ILogger logger, string method, string reason);
    }
}
