using Microsoft.Extensions.Options;
using MixGateway.Forwarding;

namespace MixGateway.Diagnostics;

/// <summary>
/// Calls from the console's pages where the console has a listener of its own: their security policy lets pages talk to where they
/// came from and to nobody else. They are calls like any other, and first of all need a key. In front of routing, which goes by the path.
/// </summary>
internal sealed class PlaygroundCalls(IOptions<ManagementOptions> options) : IStartupFilter
{
    /// <summary>Stands for <c>/v1</c>.</summary>
    public const string Root = "/dashboard/playground/v1";

    private readonly int[] _ports = Array.ConvertAll(ManagementOptions.Split(options.Value.Urls), static url => ManagementOptions.PortOf(url) ?? 0);

    /// <summary>True for a call that came in by the operators' listener and may go on.</summary>
    public static bool IsOne(HttpContext context) => context.Features.Get<Mark>() is not null;

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            if (context.Request.Path.StartsWithSegments(Root, out var rest) && _ports.Contains(context.Connection.LocalPort))
            {
                context.Request.Path = new PathString(OpenAIPaths.Root).Add(rest);
                context.Features.Set(new Mark());
            }

            return following(context);
        });
        next(app);
    };

    private sealed class Mark;
}
