using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;

namespace MixGateway.Administration.Api;

/// <summary>Lets nobody pass but who shows <c>Bootstrap:AdminToken</c>; before routing's answer, so that others do not learn the paths.</summary>
internal sealed partial class AdminTokenMiddleware(RequestDelegate next, IOptions<AdministrationOptions> options, ILogger<AdminTokenMiddleware> logger)
{
    private readonly byte[]? _expected = options.Value.AdminToken is { Length: > 0 } token ? Hash(token) : null;

    public async Task InvokeAsync(HttpContext context)
    {
        if (Refuse(context) is not { } detail)
        {
            await next(context);
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"MixGateway management\"";
        await Problem.Of(context, StatusCodes.Status401Unauthorized, detail).ExecuteAsync(context);
    }

    private string? Refuse(HttpContext context)
    {
        if (_expected is null)
        {
            return "The management API is closed because Bootstrap:AdminToken is not set. Set it to a secret of 16 characters or more and start again.";
        }

        var headers = context.Request.Headers.Authorization;
        if (headers.Count != 1 || !ApiKey.TryReadBearer(headers[0], out var shown))
        {
            return "Send the administrator's token as Authorization: Bearer.";
        }

        // Hashes have one length, so the time tells nothing about the token, its length included.
        if (CryptographicOperations.FixedTimeEquals(Hash(shown), _expected))
        {
            return null;
        }

        Log.WrongToken(logger, context.Connection.RemoteIpAddress);
        return "The token is not the administrator's.";
    }

    private static byte[] Hash(ReadOnlySpan<char> token)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(token)];
        Encoding.UTF8.GetBytes(token, utf8);
        return SHA256.HashData(utf8);
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "AdminTokenWrong", Level = LogLevel.Warning, Message = "{Address} called the management API with a wrong token.")]
        public static partial void WrongToken(ILogger logger, System.Net.IPAddress? address);
    }
}
