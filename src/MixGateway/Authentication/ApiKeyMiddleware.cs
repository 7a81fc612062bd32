using MixGateway.OpenAI;
using MixGateway.Storage;

namespace MixGateway.Authentication;

/// <summary>Finds out who calls, before anything of the body is read; what is not a live key ends here.</summary>
internal sealed partial class ApiKeyMiddleware(RequestDelegate next, CallerDirectory callers, ILogger<ApiKeyMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!TryReadHash(context, out var hash, out var error))
        {
            await context.WriteErrorAsync(error);
            return;
        }

        Caller? caller;
        try
        {
            caller = await callers.FindAsync(hash);
        }
        catch (Exception e) when (DatabaseFault.IsAway(e))
        {
            Log.DatabaseDown(logger, e);
            await context.WriteErrorAsync(OpenAIErrors.ServiceUnavailable("The key could not be checked at the moment. Try again in a moment."));
            return;
        }

        if ((caller is null ? OpenAIErrors.InvalidKey() : Check(context, caller)) is { } refusal)
        {
            await context.WriteErrorAsync(refusal);
            return;
        }

        context.Features.Set(caller);
        await next(context);
    }

    private static bool TryReadHash(HttpContext context, out KeyHash hash, out OpenAIError error)
    {
        hash = default;
        error = OpenAIErrors.MissingKey();
        var headers = context.Request.Headers.Authorization;
        if (headers.Count != 1)
        {
            return false;
        }

        if (!ApiKey.TryReadBearer(headers[0], out var key))
        {
            error = OpenAIErrors.InvalidKey();
            return false;
        }

        hash = ApiKey.Hash(key);
        return true;
    }

    private static OpenAIError? Check(HttpContext context, Caller caller)
    {
        if (caller.Revoked)
        {
            return OpenAIErrors.InvalidKey();
        }

        return caller.AllowedAddresses.Allows(context.Connection.RemoteIpAddress) ? null : OpenAIErrors.AddressNotAllowed();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A key could not be looked up because the database does not answer", EventName = nameof(DatabaseDown))]
        public static partial void DatabaseDown(ILogger logger, Exception exception);
    }
}
