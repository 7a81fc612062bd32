using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;
using MixGateway.Administration.Users;
using MixGateway.Catalog;
using MixGateway.Routing;

namespace MixGateway.Console;

/// <summary>
/// The page of models for people who are not signed in, which anybody may ask for as often as they like: each page of the list is rendered once for each
/// revision of the catalog, language and theme. Searches are rendered as they come, a few at a time.
/// </summary>
internal sealed partial class GuestModels(RequestDelegate next, CatalogStore catalog) : IDisposable
{
    /// <summary>Nothing on the page is anybody's own, so a browser may keep it and ask whether it is still the same.</summary>
    private const string Revalidated = "no-cache";

    /// <summary>Rendered pages that are kept of a revision; a page has about 100 KB.</summary>
    private const int MostKept = 128;

    private readonly ConditionalWeakTable<CatalogSnapshot, ConcurrentDictionary<string, RenderedAnswer>> _revisions = [];
    private readonly SemaphoreSlim _turns = new(Math.Max(2, Environment.ProcessorCount));

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.Equals(ConsolePaths.Models, StringComparison.OrdinalIgnoreCase) || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            || SignedInUser.TryRead(context.User, out _))
        {
            await next(context);
            return;
        }

        var pages = _revisions.GetValue(catalog.Current, static _ => new ConcurrentDictionary<string, RenderedAnswer>(StringComparer.Ordinal));
        var key = Query().IsMatch(request.QueryString.Value ?? "")
            ? $"{CultureInfo.CurrentUICulture.Name} {PreferenceEndpoints.ThemeOf(context)} {request.Path}{request.QueryString}"
            : null;
        if (key is null || !pages.TryGetValue(key, out var page))
        {
            page = await RenderInTurnAsync(context, pages, key);
        }

        if (page is not null)
        {
            context.Response.Headers.CacheControl = Revalidated;
            context.Response.Headers.Remove(HeaderNames.Pragma);
            await page.SendAsync(context);
        }
    }

    /// <summary>Runs behind the framework's own, which gives every page a token against forgery: this one has no form that needs it.</summary>
    private static Task LeaveOutToken(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.Remove(HeaderNames.SetCookie);
        headers.CacheControl = Revalidated;
        headers.Remove(HeaderNames.Pragma);
        return Task.CompletedTask;
    }

    private async Task<RenderedAnswer?> RenderInTurnAsync(HttpContext context, ConcurrentDictionary<string, RenderedAnswer> pages, string? key)
    {
        await _turns.WaitAsync(context.RequestAborted);
        try
        {
            if (key is not null && pages.TryGetValue(key, out var page))
            {
                return page;
            }

            var rendered = await RenderAsync(context);
            if (key is not null && rendered is not null && pages.Count < MostKept)
            {
                pages.TryAdd(key, rendered);
            }

            return rendered;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <returns>Null if the answer is no page, and is under way already.</returns>
    private async Task<RenderedAnswer?> RenderAsync(HttpContext context)
    {
        context.Response.OnStarting(LeaveOutToken, context);
        var body = context.Response.Body;
        using var rendered = new MemoryStream();
        context.Response.Body = rendered;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }

        if (context.Response is { StatusCode: StatusCodes.Status200OK, ContentType: { } type })
        {
            return new RenderedAnswer(rendered.ToArray(), type);
        }

        rendered.Position = 0;
        await rendered.CopyToAsync(body, context.RequestAborted);
        return null;
    }

    /// <summary>What the page's own links ask for, without a search.</summary>
    [GeneratedRegex(@"^(\?(q=&)?(provider=[A-Za-z0-9._\-]*)?&?(page=[1-9][0-9]{0,4})?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Query();
}
