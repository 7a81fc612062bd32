using Microsoft.Playwright;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>A person with a browser. What the browser complains about, such as a breach of the content security policy, fails the test at the end.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    /// <summary>This machine by a name, as passkeys need it.</summary>
    public const string Localhost = "localhost";

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private Visitor(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !IsAnswer(message.Text))
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    /// <summary>An address that nobody else registers with.</summary>
    public string Email { get; private set; } = $"{Guid.NewGuid():N}@example.com";

    /// <param name="locale">What the browser asks for.</param>
    /// <param name="host">How the browser calls this machine.</param>
    /// <param name="address">Where the console is, if not where callers are served.</param>
    public static async Task<Visitor> OpenAsync(
        TestGateway gateway, string locale = "en-US", bool dark = false, int width = 1280, int height = 900, string host = "127.0.0.1", Uri? address = null)
    {
        var context = await Chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = (address ?? new UriBuilder(gateway.Address) { Host = host }.Uri).ToString(),
            Locale = locale,
            TimezoneId = "Asia/Shanghai",
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(20_000);
        return new Visitor(context, await context.NewPageAsync());
    }

    public async Task<IResponse> GoAsync(string path) => (await Page.GotoAsync(path))!;

    /// <summary>Creates a user and is signed in as that user afterwards.</summary>
    /// <param name="email">Nobody else's; one is made up if it is not given.</param>
    public async Task RegisterAsync(string? email = null)
    {
        Email = email ?? Email;
        await GoAsync("/dashboard/sign-up");
        await Page.Locator("[name='Input.Email']").FillAsync(Email);
        await Page.Locator("[name='Input.Password']").FillAsync(Password);
        await Page.Locator("main button.primary").ClickAsync();
        await Page.WaitForURLAsync("**/dashboard");
    }

    public async Task SignInAsync(string email, string password = Password)
    {
        Email = email;
        await GoAsync("/dashboard/sign-in");
        await Page.Locator("[name='Input.Email']").FillAsync(email);
        await Page.Locator("[name='Input.Password']").FillAsync(password);
        await Page.Locator("main button.primary").ClickAsync();
        await Page.WaitForURLAsync("**/dashboard");
    }

    /// <summary>Opens a page that changes how to sign in, and gives the password again.</summary>
    public async Task GoConfirmedAsync(string path)
    {
        await GoAsync(path);
        await Page.Locator("[name='Confirm.Password']").FillAsync(Password);
        await Page.Locator("form[data-passkey='get'] button.primary").ClickAsync();
        await Assertions.Expect(Page.Locator("[name='Confirm.Password']")).ToHaveCountAsync(0);
    }

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Field(string label) => Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        _complaints.Should().BeEmpty("the browser has nothing to complain about");
    }

    /// <summary>Browsers note every answer of 400 and above as an error.</summary>
    private static bool IsAnswer(string text) => text.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal);
}
