using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests;

/// <summary>
/// Every page in both languages, both themes, on a desktop and on a phone: nothing sticks out at the side, and axe finds nothing that
/// keeps people out. With <c>MIXGATEWAY_SCREENSHOTS</c> set to a folder, a picture of each is kept there to look at.
/// </summary>
public sealed class AppearanceTests(AdministratorGateway shared) : IClassFixture<AdministratorGateway>
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("MIXGATEWAY_SCREENSHOTS");

    private static readonly AxeRunOptions Rules = new() { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] } };

    private static readonly string[] GuestPages =
    [
        "/dashboard/sign-in", "/dashboard/sign-in?error=taken", "/dashboard/sign-in/code", "/dashboard/sign-in/recovery", "/dashboard/sign-up", "/dashboard/forgot-password", "/dashboard/reset-password",
        "/dashboard/confirm-email?user=x&code=x", "/dashboard/invitation?code=x", "/dashboard/denied", "/dashboard/nothing", "/models",
    ];

    [Theory]
    [InlineData("en-US", false, 1280)]
    [InlineData("zh-CN", true, 1280)]
    [InlineData("zh-CN", false, 360)]
    [InlineData("en-US", true, 360)]
    public async Task Pages_ForWhoIsNotSignedIn_AreSound(string locale, bool dark, int width)
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, locale, dark, width, 800, Visitor.Localhost);

        await VisitAsync(visitor, GuestPages, $"{locale}-{(dark ? "dark" : "light")}-{width}-guest");
    }

    [Theory]
    [InlineData("en-US", false, 1280)]
    [InlineData("zh-CN", true, 1280)]
    [InlineData("zh-CN", false, 360)]
    [InlineData("en-US", true, 360)]
    public async Task Pages_OfAnAccount_AreSound(string locale, bool dark, int width)
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, locale, dark, width, 800, Visitor.Localhost);
        await Authenticator.AddAsync(visitor, suggests: false);
        await visitor.RegisterAsync();
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        await visitor.GoAsync("/dashboard/profile/passkeys");
        await visitor.Page.Locator("[data-passkey-start]").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".passkeys")).ToBeVisibleAsync();
        string[] pages =
        [
            "/dashboard", "/dashboard/keys", "/dashboard/keys/new", $"/dashboard/keys/{sample.KeyId}", "/dashboard/usage", "/dashboard/usage?chart=tokens", "/dashboard/requests",
            $"/dashboard/requests/{sample.RequestId}", "/models", "/dashboard/playground", "/dashboard/quick-start", "/dashboard/members", "/dashboard/profile", "/dashboard/profile/two-factor", "/dashboard/profile/passkeys", "/dashboard/profile/login",
        ];

        await VisitAsync(visitor, pages, $"{locale}-{(dark ? "dark" : "light")}-{width}-account");
    }

    [Theory]
    [InlineData("en-US", false, 1280)]
    [InlineData("zh-CN", true, 1280)]
    [InlineData("zh-CN", false, 360)]
    [InlineData("en-US", true, 360)]
    public async Task Pages_OfAdministrators_AreSound(string locale, bool dark, int width)
    {
        await using var visitor = await shared.SignInAsync(locale, dark, width, 800);
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        var userId = await SampleUser.IdOfAsync(shared.Gateway, visitor.Email);
        using var running = await SampleUser.StartCallAsync(shared.Gateway, sample);
        string[] pages =
        [
            "/dashboard/admin", "/dashboard/admin/calls", "/dashboard/admin/calls?paused=true", "/dashboard/admin/accounts", $"/dashboard/admin/accounts/{sample.AccountId}", "/dashboard/admin/users",
            $"/dashboard/admin/users/{userId}", "/dashboard/admin/providers", "/dashboard/admin/catalog", "/dashboard/admin/usage", "/dashboard/admin/usage?by=Account", "/dashboard/admin/audit",
            "/dashboard/admin/reconciliation", "/dashboard/admin/tokens", "/dashboard/admin/users/invitations",
        ];

        await VisitAsync(visitor, pages, $"{locale}-{(dark ? "dark" : "light")}-{width}-admin");
    }

    private static async Task VisitAsync(Visitor visitor, string[] pages, string name)
    {
        List<string> faults = [];
        for (var i = 0; i < pages.Length; i++)
        {
            await visitor.GoAsync(pages[i]);
            await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 })).ToHaveCountAsync(1);
            if (Folder is not null)
            {
                await visitor.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}-{i:00}.png"), FullPage = true });
            }

            var wider = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            if (wider > 0)
            {
                faults.Add($"{pages[i]} is {wider} px too wide");
            }

            var result = await visitor.Page.RunAxe(Rules);
            faults.AddRange(result.Violations.Select(violation => $"{pages[i]}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}"));
        }

        faults.Should().BeEmpty();
    }
}
