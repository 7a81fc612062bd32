using System.Net.Mime;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using MixGateway.Administration.Forms;
using MixGateway.Administration.Users;
using MixGateway.Console.Languages;
using MixGateway.Console.Layout;

namespace MixGateway.Console.Safety;

/// <summary>
/// Every form of the console ends in a redirect and counts once (Post/Redirect/Get). A page that answers a form is not sent as its answer: it is
/// kept, encrypted, for the request that the redirect leads to, and shown there once. So reloading a page sends no form again, and a form that
/// is sent again nevertheless gets the answer of the first time.
/// </summary>
internal sealed partial class FormMiddleware(RequestDelegate next, SentForms forms, Texts<SharedTexts> texts, TimeProvider time, ILogger<FormMiddleware> logger)
{
    /// <summary>The field of every form with its id.</summary>
    public const string Field = "_form";

    /// <summary>In the query of the address that a form's answer leads to.</summary>
    public const string ShownKey = "shown";

    /// <summary>So long a form that was sent twice waits for the first answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) && request.Query.ContainsKey(ShownKey))
        {
            await ShowAsync(context);
        }
        else if (HttpMethods.IsPost(request.Method) && MayRead(context) && request.HasFormContentType)
        {
            await SendAsync(context);
        }
        else
        {
            await next(context);
        }
    }

    /// <summary>False for a form of another site, which the page refuses, for a path that is nothing, and for the error page of a form that failed.</summary>
    private static bool MayRead(HttpContext context) =>
        context.GetEndpoint() is not null && context.Request.Headers["Sec-Fetch-Site"] != "cross-site" && context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false } && context.Features.Get<IExceptionHandlerFeature>() is null;

    /// <summary>Shows the page that answers a form, or, if it was shown, the page as it is without the form.</summary>
    private async Task ShowAsync(HttpContext context)
    {
        var page = Guid.TryParseExact(context.Request.Query[ShownKey], "N", out var id) ? await forms.TakePageAsync(new SentForm(id, OwnerOf(context))) : null;
        if (page is null)
        {
            RemoveShown(context.Request);
            context.Response.Redirect(AddressOf(context.Request));
            return;
        }

        context.Response.ContentType = $"{MediaTypeNames.Text.Html}; charset=utf-8";
        context.Response.ContentLength = page.Length;
        await context.Response.Body.WriteAsync(page, context.RequestAborted);
    }

    private async Task SendAsync(HttpContext context)
    {
        // A form that was sent is worked on to its end, also if the browser leaves: a second click makes it leave.
        context.RequestAborted = CancellationToken.None;
        RemoveShown(context.Request);
        var fields = await context.Request.ReadFormAsync();
        if (!Guid.TryParseExact(fields[Field], "N", out var id))
        {
            // Not one of our pages made it, so it cannot be known again; who sent it, the token against forgery says.
            id = forms.NewId();
        }

        var form = new SentForm(id, OwnerOf(context));
        if (!forms.IsFresh(id))
        {
            Say(context, "Form.Old");
            SeeOther(context.Response, AddressOf(context.Request));
        }
        else if (await forms.TryBeginAsync(form))
        {
            await WorkAsync(context, form);
        }
        else
        {
            await RepeatAsync(context, form);
        }
    }

    /// <summary>Lets the page work on the form, and keeps what it answers.</summary>
    private async Task WorkAsync(HttpContext context, SentForm form)
    {
        var response = context.Response;
        var body = response.Body;
        using var answer = new MemoryStream();
        response.Body = answer;
        try
        {
            await next(context);
        }
        catch
        {
            // Nobody knows how far it came, so it counts as sent. The error page says what to do.
            response.Body = body;
            await forms.FinishAsync(form, SentForms.Unknown);
            throw;
        }

        response.Body = body;
        if (response.StatusCode == StatusCodes.Status200OK && response.ContentType?.StartsWith(MediaTypeNames.Text.Html, StringComparison.Ordinal) == true)
        {
            var location = QueryHelpers.AddQueryString(AddressOf(context.Request), ShownKey, form.Id.ToString("N"));
            await forms.FinishAsync(form, location, answer.ToArray());
            SeeOther(response, location);
            return;
        }

        if (response.StatusCode == StatusCodes.Status400BadRequest)
        {
            // The page has no such form any more: whoever it was for is gone, or a password has to be given again first.
            Say(context, "Form.Gone");
            SeeOther(response, AddressOf(context.Request));
            await forms.FinishAsync(form, AddressOf(context.Request));
            return;
        }

        await forms.FinishAsync(form, response.Headers.Location is [{ Length: > 0 } there] ? there : AddressOf(context.Request));
        answer.Position = 0;
        await answer.CopyToAsync(body);
    }

    /// <summary>Answers a form that was sent before as it was answered then.</summary>
    private async Task RepeatAsync(HttpContext context, SentForm form)
    {
        var began = time.GetTimestamp();
        var first = await forms.FindAsync(form);
        while (first is { Location: null } && time.GetElapsedTime(began) < Patience)
        {
            await Task.Delay(LookEvery, time);
            first = await forms.FindAsync(form);
        }

        Log.Repeated(logger, context.Request.Path.Value);
        if (first is { Location: { Length: > 0 } location })
        {
            if (!first.HasPage)
            {
                Say(context, "Form.Repeated");
            }

            SeeOther(context.Response, location);
            return;
        }

        Say(context, "Form.Unknown");
        SeeOther(context.Response, AddressOf(context.Request));
    }

    private void Say(HttpContext context, string text) => Flash.Set(context, texts[text]);

    /// <summary>303, after which a browser asks with GET, whatever it sent.</summary>
    private static void SeeOther(HttpResponse response, string location)
    {
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.ContentType = null;
        response.ContentLength = 0;
        response.Headers.Location = location;
    }

    private static string OwnerOf(HttpContext context) => SignedInUser.TryRead(context.User, out var me) ? me.SessionId.ToString("N") : SentForm.Guest;

    private static string AddressOf(HttpRequest request) => request.PathBase + request.Path.ToUriComponent() + request.QueryString.ToUriComponent();

    private static void RemoveShown(HttpRequest request)
    {
        if (request.Query.ContainsKey(ShownKey))
        {
            request.QueryString = QueryString.Create(request.Query.Where(static pair => pair.Key != ShownKey));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "FormRepeated", Level = LogLevel.Information, Message = "A form at {Path} was sent again and counts once.")]
        public static partial void Repeated(ILogger logger, string? path);
    }
}
