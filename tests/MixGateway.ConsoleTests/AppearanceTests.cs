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
        await visitor.RegisterAsync($"{(dark ? "lin" : "ada")}.{width}@example.com");
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        var shown = await SampleMonth.BookAsync(shared.Gateway, sample.AccountId, sample.KeyId);
        await visitor.GoAsync("/dashboard/profile/passkeys");
        await VisitAsync(visitor, ["/dashboard/profile/passkeys"], $"{locale}-{(dark ? "dark" : "light")}-{width}-confirm");
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        await visitor.Page.Locator("[data-passkey-start]").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".passkeys")).ToBeVisibleAsync();
        string[] pages =
        [
            "/dashboard", "/dashboard/keys", "/dashboard/keys/new", $"/dashboard/keys/{sample.KeyId}", "/dashboard/usage", "/dashboard/usage?chart=tokens&by=model", "/dashboard/requests",
            $"/dashboard/requests/{shown}", "/models", "/dashboard/playground", "/dashboard/quick-start", "/dashboard/members", "/dashboard/profile", "/dashboard/profile/two-factor", "/dashboard/profile/passkeys", "/dashboard/profile/login",
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
        var shown = await SampleMonth.BookAsync(shared.Gateway, sample.AccountId, sample.KeyId, recent: 70);
        using var running = await SampleUser.StartCallAsync(shared.Gateway, sample);
        string[] pages =
        [
            "/dashboard/admin", $"/dashboard/admin/usage/{shown}", "/dashboard/admin/margin", "/dashboard/admin/calls", "/dashboard/admin/calls?paused=true", "/dashboard/admin/accounts", $"/dashboard/admin/accounts/{sample.AccountId}", "/dashboard/admin/users",
            $"/dashboard/admin/users/{userId}", "/dashboard/admin/providers", "/dashboard/admin/catalog", "/dashboard/admin/usage", "/dashboard/admin/usage?by=Account", "/dashboard/admin/audit",
            "/dashboard/admin/reconciliation", "/dashboard/admin/tokens", "/dashboard/admin/users/invitations",
        ];

        await VisitAsync(visitor, pages, $"{locale}-{(dark ? "dark" : "light")}-{width}-admin");
    }

    /// <summary>What is only there after something was done: a key that is shown once, a talk with two models.</summary>
    [Theory]
    [InlineData("en-US", false, 1280)]
    [InlineData("zh-CN", true, 1280)]
    [InlineData("zh-CN", false, 360)]
    [InlineData("en-US", true, 360)]
    public async Task Pages_AfterSomethingWasDone_AreSound(string locale, bool dark, int width)
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, locale, dark, width, 800);
        await visitor.RegisterAsync($"{(dark ? "mei" : "sam")}.{width}@example.com");
        await SampleUser.CreditAsync(shared.Gateway, visitor);
        var (words, name) = (new Words(locale), $"{locale}-{(dark ? "dark" : "light")}-{width}-done");
        List<string> faults = [];

        await visitor.GoAsync("/dashboard");
        faults.AddRange(await JudgeAsync(visitor, $"{name}-00-first-steps"));
        await visitor.GoAsync("/dashboard/keys/new");
        await visitor.Page.Locator("[name='Input.Name']").FillAsync("Website");
        await visitor.Button(words.Account("Key.Create")).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#new-key")).ToBeVisibleAsync();
        faults.AddRange(await JudgeAsync(visitor, $"{name}-01-key"));
        await visitor.GoAsync("/dashboard/playground");
        await SampleUser.ChooseAsync(visitor, "deepseek:deepseek-chat", "openai:gpt-5-mini");
        await visitor.Page.Locator("#f-message").FillAsync(locale == "zh-CN" ? "怎样逐行读取一个文件？" : "How do I read a file line by line?");
        await visitor.Page.Locator("#send").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".talk-facts a")).ToHaveCountAsync(2);
        faults.AddRange(await JudgeAsync(visitor, $"{name}-02-playground", whole: false));

        faults.Should().BeEmpty();
    }

    private static async Task VisitAsync(Visitor visitor, string[] pages, string name)
    {
        List<string> faults = [];
        for (var i = 0; i < pages.Length; i++)
        {
            await visitor.GoAsync(pages[i]);
            faults.AddRange(await JudgeAsync(visitor, $"{name}-{i:00}-{NameOf(pages[i])}"));
        }

        faults.Should().BeEmpty();
    }

    /// <summary>What is wrong with the page as it is now.</summary>
    /// <param name="whole">False for a picture of what fits into the window.</param>
    private static async Task<List<string>> JudgeAsync(Visitor visitor, string name, bool whole = true)
    {
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 })).ToHaveCountAsync(1);
        if (Folder is not null)
        {
            await visitor.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder, $"{name}.png"), FullPage = whole });
        }

        var wider = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        var result = await visitor.Page.RunAxe(Rules);
        return
        [
            .. wider > 0 ? [$"{name} is {wider} px too wide"] : Array.Empty<string>(),
            .. result.Violations.Select(violation => $"{name}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}"),
        ];
    }

    /// <summary>The words of an address, for the name of a file.</summary>
    private static string NameOf(string page) => string.Join('-', page.Split('/', '?', '=', '&').Where(static part => part.Length > 0 && !Guid.TryParse(part, out _)));
}
