using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.SignIn;

/// <summary>Passkeys as people use them, with a real browser's own authenticator.</summary>
public sealed class PasskeyTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Passkey_IsAddedSignsInByTheButtonAndIsRemoved()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, host: Visitor.Localhost);
        var authenticator = await Authenticator.AddAsync(visitor, suggests: false);
        await visitor.RegisterAsync();

        await visitor.GoAsync("/dashboard/profile");
        await Assertions.Expect(visitor.Page.Locator("a[href='/dashboard/profile/passkeys']")).ToBeVisibleAsync();
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        await AddAsync(visitor);
        (await authenticator.CountAsync()).Should().Be(1);
        await visitor.Button("Add a passkey").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This device has a passkey for you already.");

        await SignOutAsync(visitor);
        await visitor.Button("Sign in with a passkey").ClickAsync();
        await Assertions.Expect(visitor.Heading("Overview")).ToBeVisibleAsync();

        // In another session it is asked for again, and a passkey will do.
        await visitor.GoAsync("/dashboard/profile/passkeys");
        await visitor.Button("Use a passkey").ClickAsync();
        await Assertions.Expect(visitor.Button("Add a passkey")).ToBeVisibleAsync();

        await visitor.GoAsync("/dashboard/profile/passkeys");
        await visitor.Button("Remove the passkey My laptop").ClickAsync();
        await visitor.Button("Yes, remove it").ClickAsync();
        await Assertions.Expect(visitor.Heading("No passkey yet")).ToBeVisibleAsync();
        await SignOutAsync(visitor);
        await visitor.Button("Sign in with a passkey").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".notice.bad")).ToHaveTextAsync("This passkey is not known here, or took too long. Try again, or use the password.");
    }

    /// <summary>The virtual authenticator takes the first of the browser's suggestions by itself.</summary>
    [Fact]
    public async Task Passkey_AmongTheBrowsersSuggestions_SignsIn()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, host: Visitor.Localhost);
        await Authenticator.AddAsync(visitor, suggests: true);
        await visitor.RegisterAsync();
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        await AddAsync(visitor);
        await visitor.Page.Context.ClearCookiesAsync();

        await visitor.GoAsync("/dashboard/sign-in?returnUrl=%2Fdashboard%2Fkeys");

        await Assertions.Expect(visitor.Heading("API keys")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Page_OnAnAddressThatPasskeysAreNotFor_OffersNone()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();

        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        await Assertions.Expect(visitor.Page.GetByText("Passkeys cannot be used here.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Button("Add a passkey")).ToBeHiddenAsync();
        await visitor.GoAsync("/dashboard/sign-in");

        await Assertions.Expect(visitor.Button("Sign in with a passkey")).ToBeHiddenAsync();
    }

    private static async Task AddAsync(Visitor visitor)
    {
        await visitor.Field("Name").FillAsync("My laptop");
        await visitor.Button("Add a passkey").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("The passkey is added. You can sign in with it from now on.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".passkeys")).ToContainTextAsync("My laptop");
    }

    private static async Task SignOutAsync(Visitor visitor)
    {
        await visitor.Page.Locator(".side-foot summary.switcher").ClickAsync();
        await visitor.Button("Sign out").ClickAsync();
        await Assertions.Expect(visitor.Heading("Sign in")).ToBeVisibleAsync();
    }
}
