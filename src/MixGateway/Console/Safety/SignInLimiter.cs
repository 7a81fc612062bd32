using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using MixGateway.Authentication;
using MixGateway.Console.Languages;

namespace MixGateway.Console.Safety;

/// <summary>Lets one address try so many passwords, codes and registrations a minute. The lockout guards a single user, this guards all of them.</summary>
internal static class SignInLimiter
{
    private static readonly PathString[] Guarded = [ConsolePaths.SignIn, ConsolePaths.SignUp, ConsolePaths.ForgotPassword, ConsolePaths.ResetPassword, ConsolePaths.ConfirmEmail];

    public static RateLimiterOptions Options(int perMinute) => new()
    {
        RejectionStatusCode = StatusCodes.Status429TooManyRequests,
        GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => IsGuarded(context.Request)
            ? RateLimitPartition.GetFixedWindowLimiter(
                AddressNetwork.Of(context.Connection.RemoteIpAddress),
                _ => new FixedWindowRateLimiterOptions { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 })
            : RateLimitPartition.GetNoLimiter("")),
        OnRejected = static async (rejected, cancellationToken) =>
        {
            var response = rejected.HttpContext.Response;
            response.Headers.RetryAfter = "60";
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(rejected.HttpContext.RequestServices.GetRequiredService<Texts<SharedTexts>>()["Error.TooMany"], cancellationToken);
        },
    };

    private static bool IsGuarded(HttpRequest request) => HttpMethods.IsPost(request.Method) && Array.Exists(Guarded, path => request.Path.StartsWithSegments(path));
}
