using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;
using MixGateway.Console.Languages;

namespace MixGateway.Console.Safety;

/// <summary>
/// Lets one address try so many passwords, codes and registrations a minute. The lockout guards a single user, this guards all of them.
/// A part of the container's, because the framework's own middleware never stops the timer of its limiter, and with that keeps a whole
/// application in memory after its end.
/// </summary>
internal sealed class SignInLimiter(IOptions<ConsoleOptions> options, Texts<SharedTexts> texts) : IMiddleware, IDisposable
{
    private static readonly PathString[] Guarded = [ConsolePaths.SignIn, ConsolePaths.SignUp, ConsolePaths.ForgotPassword, ConsolePaths.ResetPassword, ConsolePaths.ConfirmEmail];

    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetFixedWindowLimiter(AddressNetwork.Of(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.SignInsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (IsGuarded(context.Request))
        {
            using var lease = _limiter.AttemptAcquire(context);
            if (!lease.IsAcquired)
            {
                await RefuseAsync(context);
                return;
            }
        }

        await next(context);
    }

    public void Dispose() => _limiter.Dispose();

    private static bool IsGuarded(HttpRequest request) => HttpMethods.IsPost(request.Method) && Array.Exists(Guarded, path => request.Path.StartsWithSegments(path));

    private Task RefuseAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = "60";
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(texts["Error.TooMany"], context.RequestAborted);
    }
}
