using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace MixGateway.Administration.Api;

/// <summary>The one place that words an error of the management API, as RFC 9457 has it.</summary>
internal static class Problem
{
    /// <summary>Goes with every 503.</summary>
    public const string RetryAfterSeconds = "5";

    /// <summary><paramref name="detail"/> is shown to the caller: never an exception's text.</summary>
    public static IResult Of(HttpContext context, int status, string detail, FieldErrors? errors = null, string? missingScope = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail };
        problem.Extensions["requestId"] = context.TraceIdentifier;
        if (errors is not null)
        {
            problem.Extensions["errors"] = errors.ByField.ToDictionary(error => error.Key, error => new[] { error.Value });
        }

        if (missingScope is not null)
        {
            problem.Extensions["missingScope"] = missingScope;
        }

        return TypedResults.Problem(problem);
    }

    public static IResult Of(HttpContext context, Refusal refusal)
    {
        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }
        else if (refusal.Reason == RefusalReason.Unavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return Of(context, StatusOf(refusal.Reason), refusal.Detail, refusal.Errors, refusal.MissingScope);
    }

    private static int StatusOf(RefusalReason reason) => reason switch
    {
        RefusalReason.Invalid => StatusCodes.Status400BadRequest,
        RefusalReason.NotFound => StatusCodes.Status404NotFound,
        RefusalReason.Conflict => StatusCodes.Status409Conflict,
        RefusalReason.Forbidden => StatusCodes.Status403Forbidden,
        RefusalReason.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalReason.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
