using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.SignIn;

/// <summary>How people get in, and out.</summary>
public sealed class RegistrationTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Registration_OfANewPerson_LandsOnTheOverviewOfAnOwnAccount()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);

        await visitor.RegisterAsync();

        await Assertions.Expect(visitor.Heading("Overview")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".switcher .name").First).ToHaveTextAsync(visitor.Email);
    }

    [Fact]
    public async Task Registration_WithAnAddressThatIsTaken_SaysSo()
    {
        await using var first = await Visitor.OpenAsync(shared.Gateway);
        await first.RegisterAsync();
        await using var second = await Visitor.OpenAsync(shared.Gateway);

        await second.GoAsync("/dashboard/sign-up");
        await second.Field("E-mail").FillAsync(first.Email);
        await second.Field("Password").FillAsync(Visitor.Password);
        await second.Button("Create account").ClickAsync();

        await Assertions.Expect(second.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This address has an account already.");
    }

    [Fact]
    public async Task SignOut_EndsTheSession_AndThePasswordOpensANewOne()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        var cookies = await visitor.Page.Context.CookiesAsync();

        await visitor.Page.Locator(".side-foot summary.switcher").ClickAsync();
        await visitor.Button("Sign out").ClickAsync();
        await Assertions.Expect(visitor.Heading("Sign in")).ToBeVisibleAsync();

        // A copy of the cookie is worth nothing any more.
        await visitor.Page.Context.AddCookiesAsync(cookies.Select(static cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path }));
        await visitor.GoAsync("/dashboard");
        await Assertions.Expect(visitor.Heading("Sign in")).ToBeVisibleAsync();

        await visitor.SignInAsync(visitor.Email);
        await Assertions.Expect(visitor.Heading("Overview")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task SignIn_WithAReturnAddressElsewhere_StaysHere()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        await visitor.Page.Context.ClearCookiesAsync();

        await visitor.GoAsync("/dashboard/sign-in?returnUrl=//example.com/dashboard");
        await visitor.Field("E-mail").FillAsync(visitor.Email);
        await visitor.Field("Password").FillAsync(Visitor.Password);
        await visitor.Button("Sign in").ClickAsync();

        await Assertions.Expect(visitor.Heading("Overview")).ToBeVisibleAsync();
        visitor.Page.Url.Should().StartWith(shared.Gateway.Address.ToString());
    }

    [Fact]
    public async Task SignUpPage_ForABrowserThatAsksForChinese_IsChinese()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, locale: "zh-CN");

        await visitor.GoAsync("/dashboard/sign-up");

        await Assertions.Expect(visitor.Heading("注册账号")).ToBeVisibleAsync();
        (await visitor.Page.Locator("html").GetAttributeAsync("lang")).Should().Be("zh-CN");
    }

    [Fact]
    public async Task Path_ThatIsNoPage_IsAnsweredWith404AndAPage()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);

        var response = await visitor.GoAsync("/dashboard/nothing/here");

        response.Status.Should().Be(404);
        await Assertions.Expect(visitor.Heading("Nothing here")).ToBeVisibleAsync();
    }
}
