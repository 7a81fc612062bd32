using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;

namespace MixGateway.Administration.Api;

/// <summary>What every call of the management API passes first: errors become problem details, and the token is checked.</summary>
internal static class ApiBoundary
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;

    public static void UseApiBoundary(this IApplicationBuilder app) =>
        app.UseWhen(static context => context.Request.Path.StartsWithSegments(ApiPaths.Root), static api =>
        {
            api.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerExceptionAsync });
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
        if (!IsDatabaseAway(context.Features.Get<IExceptionHandlerFeature>()?.Error))
        {
            return Problem.Of(context, StatusCodes.Status500InternalServerError, "A mistake of ours; the log has it under the requestId.").ExecuteAsync(context);
        }

        context.Response.Headers.RetryAfter = Problem.RetryAfterSeconds;
        return Problem.Of(
            context,
            StatusCodes.Status503ServiceUnavailable,
            "The database does not answer. Whether a change was made is not known; a credit with an idempotencyKey can be sent again.").ExecuteAsync(context);
    }

    /// <summary>
    /// EF Core and Npgsql wrap what happened on the wire. PostgreSQL's class 57P is an administrator's stop or a crash, which a pooled
    /// connection learns of late and Npgsql does not call transient.
    /// </summary>
    private static bool IsDatabaseAway(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbException { IsTransient: true } or DbException { SqlState: ['5', '7', 'P', ..] } or TimeoutException
                or SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked })
            {
                return true;
            }
        }

        return false;
    }
}
