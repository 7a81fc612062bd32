using Microsoft.Extensions.Options;
using MixGateway.Administration.Users;

namespace MixGateway.Console.Safety;

/// <summary>
/// <c>Console:PublicUrl</c> decides under which scheme and host people see the console, whatever a proxy in between says or does not say: so cookies
/// are for TLS alone, and links and examples begin with it. Redirects within the console name no host at all, so that nobody else's comes back.
/// </summary>
internal sealed class PublicAddress(RequestDelegate next, IOptions<RegistrationOptions> options)
{
    /// <summary>Browsers use nothing but TLS for a year after the last visit.</summary>
    private const string Strict = "max-age=31536000";

    private readonly Uri? _url = options.Value.PublicUrl;

    public Task InvokeAsync(HttpContext context)
    {
        if (_url is not null)
        {
            context.Request.Scheme = _url.Scheme;
            context.Request.Host = _url.IsDefaultPort ? new HostString(_url.IdnHost) : new HostString(_url.IdnHost, _url.Port);
            if (_url.Scheme == Uri.UriSchemeHttps)
            {
                context.Response.Headers.StrictTransportSecurity = Strict;
            }
        }

        context.Response.OnStarting(LeaveOutOwnHost, context);
        return next(context);
    }

    private static Task LeaveOutOwnHost(object state)
    {
        var context = (HttpContext)state;
        var own = $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}";
        if (context.Response.Headers.Location is [{ } location] && location.StartsWith(own + "/", StringComparison.OrdinalIgnoreCase))
        {
            // A path that begins with two slashes would be a host again.
            context.Response.Headers.Location = "/" + location[own.Length..].TrimStart('/');
        }

        return Task.CompletedTask;
    }
}
