using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A person with a browser that knows pages, forms, redirects and cookies, and no scripts; where nothing else is needed it is fifty times as fast as a real one.</summary>
internal sealed class PageVisitor : IDisposable
{
    public const string Password = "correct horse battery";

    private readonly HttpClient _client;

    /// <param name="language">What the browser asks for.</param>
    public PageVisitor(Uri gateway, string language = "en-US")
    {
        Cookies = new CookieContainer();
        _client = new HttpClient(new BrowserHandler(Cookies)) { BaseAddress = gateway };
        _client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36");
    }

    public CookieContainer Cookies { get; }

    /// <summary>An address that nobody else registers with.</summary>
    public string Email { get; init; } = $"{Guid.NewGuid():N}@example.com";

    /// <summary>What is open in the browser.</summary>
    public IHtmlDocument Page { get; private set; } = null!;

    public HttpStatusCode Status { get; private set; }

    /// <summary>Where the browser is, after all redirects.</summary>
    public Uri At { get; private set; } = null!;

    public string Path => At.AbsolutePath;

    public string Title => Text("h1");

    /// <summary>What a screen reader says at once: the messages of what was just done.</summary>
    public string Message => string.Join('\n', Page.QuerySelectorAll("[role=alert]:not([hidden]), [role=status]:not(#live)").Select(static element => element.TextContent.Trim()));

    public string Text(string selector) => Page.QuerySelector(selector)?.TextContent.Trim() ?? "";

    public Task GoAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.RelativeOrAbsolute)));

    /// <summary>Follows a link up to the first redirect, and no further.</summary>
    public async Task<string> FirstRedirectAsync(string path)
    {
        using var once = new HttpClient(new BrowserHandler(Cookies) { FollowsRedirects = false }) { BaseAddress = _client.BaseAddress };
        using var response = await once.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute));
        return response.Headers.Location!.ToString();
    }

    /// <summary>Fills in a form of the page and sends it.</summary>
    /// <param name="name">The form's name, as the page's code has it.</param>
    public Task SubmitAsync(string name, params (string Field, string Value)[] fields)
    {
        var form = Form(name);
        var values = FieldsOf(form);
        foreach (var (field, value) in fields)
        {
            values[field] = value;
        }

        var action = form.GetAttribute("action") is { Length: > 0 } target ? new Uri(At, target) : At;
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent(values), Headers = { { "Origin", At.GetLeftPart(UriPartial.Authority) } } });
    }

    /// <summary>Sends a form and follows no redirect; what is open in the browser stays.</summary>
    public async Task<(HttpStatusCode Status, string? Location)> PostAsync(IHtmlFormElement form, params (string Field, string Value)[] fields)
    {
        var values = FieldsOf(form);
        foreach (var (field, value) in fields)
        {
            values[field] = value;
        }

        using var once = new HttpClient(new SocketsHttpHandler { UseProxy = false, CookieContainer = Cookies, AllowAutoRedirect = false });
        using var content = new FormUrlEncodedContent(values);
        using var response = await once.PostAsync(form.GetAttribute("action") is { Length: > 0 } target ? new Uri(At, target) : At, content);
        return (response.StatusCode, response.Headers.Location?.ToString());
    }

    public bool HasForm(string name) => Page.QuerySelectorAll("form input[name=_handler]").Any(input => input.GetAttribute("value") == name);

    public IHtmlFormElement Form(string name) =>
        Page.QuerySelectorAll<IHtmlFormElement>("form").SingleOrDefault(form => form.QuerySelector("input[name=_handler]")?.GetAttribute("value") == name)
        ?? throw new InvalidOperationException($"{At} has no form {name}: {Title} {Message}");

    /// <summary>What a script of the page asks for, with the page's token against forgery.</summary>
    public async Task<HttpResponseMessage> FetchAsync(string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(At, path));
        request.Headers.Add("RequestVerificationToken", token ?? Page.QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value")
            ?? throw new InvalidOperationException($"{At} has no form ({Status}): {Page.Body?.TextContent}"));
        return await _client.SendAsync(request);
    }

    /// <summary>Registers, and is signed in where no address has to be confirmed.</summary>
    public async Task RegisterAsync(string path = "/dashboard/sign-up")
    {
        await GoAsync(path);
        await SubmitAsync("sign-up", ("Input.Email", Email), ("Input.Password", Password));
    }

    public async Task SignInAsync(string? email = null, string password = Password)
    {
        await GoAsync("/dashboard/sign-in");
        await SubmitAsync("sign-in", ("Input.Email", email ?? Email), ("Input.Password", password));
    }

    /// <summary>Opens a page that changes how to sign in, and gives the password again where it is asked for.</summary>
    public async Task GoConfirmedAsync(string path, string password = Password)
    {
        await GoAsync(path);
        if (HasForm("confirm-identity"))
        {
            await SubmitAsync("confirm-identity", ("Confirm.Password", password));
        }
    }

    /// <summary>Leaves the page open and sends what comes next to another replica, as a load balancer may.</summary>
    public void MoveTo(Uri replica) => At = new Uri(replica, At.PathAndQuery);

    /// <summary>Opens the address of a mail or a page below the gateway's own: the one in it is for people outside of the test.</summary>
    public Task OpenAsync(Uri link) => GoAsync(link.PathAndQuery);

    public void Dispose() => _client.Dispose();

    private async Task SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _client.SendAsync(request);
            Status = response.StatusCode;
            At = response.RequestMessage!.RequestUri!;
            Page = await new HtmlParser().ParseDocumentAsync(await response.Content.ReadAsStringAsync());
        }
    }

    private static Dictionary<string, string> FieldsOf(IHtmlFormElement form)
    {
        Dictionary<string, string> values = [];
        foreach (var element in form.Elements)
        {
            var (name, value) = element switch
            {
                IHtmlInputElement { Type: "checkbox" or "radio" } box => (box.IsChecked ? box.Name : null, box.Value),
                IHtmlInputElement input => (input.Name, input.Value),
                IHtmlSelectElement select => (select.Name, select.Value ?? ""),
                _ => (null, ""),
            };
            if (name is not null)
            {
                values[name] = value;
            }
        }

        return values;
    }
}
