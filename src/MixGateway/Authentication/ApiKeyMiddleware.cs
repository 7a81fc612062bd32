using System.Diagnostics.CodeAnalysis;
using MixGateway.OpenAI;

namespace MixGateway.Authentication;

/// <summary>Finds out who calls, before anything of the body is read; what is not a live key ends here.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, CallerDirectory callers, CallerCheck check)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!TryReadHash(context, out var hash, out var error))
        {
            await context.WriteErrorAsync(error);
            return;
        }

        var answer = await callers.FindAsync(hash);
        var address = context.Connection.RemoteIpAddress;
        if (answer.Caller is { } found && !found.AllowedAddresses.Allows(address))
        {
            answer = await check.ConfirmAsync(found, address);
        }

        if (answer.Caller is not { } caller)
        {
            await context.WriteErrorAsync(answer.Error!);
            return;
        }

        context.Features.Set(caller);
        await next(context);
    }

    private static bool TryReadHash(HttpContext context, out KeyHash hash, [NotNullWhen(false)] out OpenAIError? error)
    {
        hash = default;
        error = null;
        switch (KeyHeaders.Read(context.Request.Headers, out var key))
        {
            case KeyInHeaders.None:
                error = OpenAIErrors.MissingKey();
                return false;
            case KeyInHeaders.Malformed:
                error = OpenAIErrors.InvalidKey();
                return false;
            default:
                hash = ApiKey.Hash(key);
                return true;
        }
    }
}
