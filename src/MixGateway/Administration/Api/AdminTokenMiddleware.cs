using System.Net;
using MixGateway.Authentication;

namespace MixGateway.Administration.Api;

/// <summary>
/// Lets nobody pass but who shows a token, and only to what the token's scopes allow; before routing's answer, so that others do not
/// learn the paths.
/// </summary>
internal sealed partial class AdminTokenMiddleware(RequestDelegate next, AdminTokenCheck check, ILogger<AdminTokenMiddleware> logger)
{
    private const string Challenge = "Bearer realm=\"MixGateway management\"";

    public async Task InvokeAsync(HttpContext context)
    {
        var (answer, detail) = await AuthenticateAsync(context);
        if (answer.Wait is { } wait)
        {
            await Problem.Of(context, Refusal.TooMany("Too many wrong tokens came from this address. Wait, then send the right one.", wait)).ExecuteAsync(context);
            return;
        }

        if (answer.Administrator is not { } administrator)
        {
            context.Response.Headers.WWWAuthenticate = Challenge;
            await Problem.Of(context, StatusCodes.Status401Unauthorized, detail).ExecuteAsync(context);
            return;
        }

        if (MissingScope(context, administrator) is { } scope)
        {
            Log.ScopeMissing(logger, administrator.Actor.Name, scope);
            context.Response.Headers.WWWAuthenticate = $"{Challenge}, error=\"insufficient_scope\", scope=\"{scope}\"";
            await Problem.Of(context, Refusal.Forbidden($"The token lacks the scope {scope}.", scope)).ExecuteAsync(context);
            return;
        }

        context.Features.Set(administrator);
        await next(context);
    }

    private async ValueTask<(TokenAnswer Answer, string Detail)> AuthenticateAsync(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        var shown = headers.Count == 1 && ApiKey.TryReadBearer(headers[0], out var token) ? token.ToString() : null;
        var address = context.Connection.RemoteIpAddress;
        var answer = shown is null ? default : await check.FindAsync(shown, address, context.RequestAborted);
        if (answer.Administrator is not null || answer.Wait is not null)
        {
            return (answer, "");
        }

        if (!check.HasBootstrap)
        {
            return (answer, "The management API is closed because Bootstrap:AdminToken is not set. Set it to a secret of 16 characters or more and start again.");
        }

        if (shown is null)
        {
            return (answer, "Send the administrator's token as Authorization: Bearer.");
        }

        Log.WrongToken(logger, address);
        if (answer.BeginsToWait)
        {
            Log.Waits(logger, address);
        }

        return (answer, "The token is not an administrator's, or it is revoked or expired.");
    }

    /// <summary>A path or method that there is not has no scope: the answer says so to everybody with a token.</summary>
    private static string? MissingScope(HttpContext context, Administrator administrator)
    {
        if (ReferenceEquals(administrator, Administrator.Bootstrap) || context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return null;
        }

        var required = endpoint.Metadata.GetMetadata<ScopeRequirement>()?.Scope ?? "of the bootstrap token";
        return administrator.May(required) ? null : required;
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "AdminTokenWrong", Level = LogLevel.Warning, Message = "{Address} called the management API with a wrong token.")]
        public static partial void WrongToken(ILogger logger, IPAddress? address);

        [LoggerMessage(EventName = "AdminTokensPaused", Level = LogLevel.Warning, Message = "{Address} sent too many wrong tokens to the management API; it gets 429 until the minute is over.")]
        public static partial void Waits(ILogger logger, IPAddress? address);

        [LoggerMessage(EventName = "AdminScopeMissing", Level = LogLevel.Information, Message = "{Actor} was refused for want of the scope {Scope}.")]
        public static partial void ScopeMissing(ILogger logger, string actor, string scope);
    }
}

/// <summary>Where endpoints find out who calls them.</summary>
internal static class AdministratorExtensions
{
    /// <exception cref="InvalidOperationException"><see cref="AdminTokenMiddleware"/> is not in the pipeline.</exception>
    public static Administrator GetAdministrator(this HttpContext context) =>
        context.Features.Get<Administrator>() ?? throw new InvalidOperationException($"{nameof(AdminTokenMiddleware)} has to run first.");

    public static Actor GetActor(this HttpContext context) => context.GetAdministrator().Actor;
}
