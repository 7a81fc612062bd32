using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>Signing in with a provider of identities: who gets in, as whom, and what people see who do not.</summary>
public sealed class ExternalSignInTests : IAsyncLifetime
{
    private const string ExternalLink = "/dashboard/sign-in/external?returnUrl=%2Fdashboard";
    private const string Failed = "Signing in there did not work. Try again; if it goes on, tell your administrator.";
    private const string Taken = "This address has an account already. Sign in with its password, then connect the two in your profile.";
    private const string Closed = "Registration is closed, so only known users and people with an invitation can sign in this way.";

    private FakeIdentityProvider _provider = null!;
    private TestGateway _gateway = null!;

    public async Task InitializeAsync()
    {
        _provider = await FakeIdentityProvider.StartAsync();
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Person_WhoIsNew_BecomesAUserWithAnAccountAndIsKnownTheNextTime(bool keepsTokenThin)
    {
        _provider.KeepsTokenThin = keepsTokenThin;
        _provider.User = new ProviderUser("42", "jane@example.com");
        using var visitor = Visit();

        await ClickAsync(visitor, "/dashboard/sign-in?returnUrl=%2Fdashboard%2Fkeys");
        visitor.Path.Should().Be("/dashboard/keys");
        visitor.Text(".switcher .name").Should().Be("jane@example.com");
        _provider.User = new ProviderUser("42", "jane.married@example.com");
        using var later = Visit();
        await ClickAsync(later, "/dashboard/sign-in");

        later.Path.Should().Be("/dashboard");
        later.Text(".side-foot .switcher .name").Should().Be("jane@example.com", "it is the provider's id that counts");
        (await UsersAsync()).Should().Equal("jane@example.com");
        later.Cookies.GetAllCookies().Select(static cookie => cookie.Name).Should().NotContain("mg.external", "the identity has done its work");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public async Task Address_ThatTheProviderDoesNotVouchFor_RegistersNobody(bool? verified)
    {
        _provider.User = new ProviderUser("42", "jane@example.com", verified);
        using var visitor = Visit();

        await ClickAsync(visitor, "/dashboard/sign-in");

        visitor.Message.Should().Be("The provider has not verified your address, so you cannot register with it.");
        (await UsersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Address_OfSomebodyHere_IsConnectedOnlyByThatUser()
    {
        using var owner = Visit();
        await owner.RegisterAsync();
        using var other = Visit();
        await other.RegisterAsync();
        _provider.User = new ProviderUser("42", owner.Email);
        using var visitor = Visit();

        await ClickAsync(visitor, "/dashboard/sign-in");
        (visitor.Path, visitor.Message).Should().Be(("/dashboard/sign-in", Taken));
        await ClickAsync(owner, "/dashboard/profile/login");
        owner.Text("main .card p").Should().Be($"Connect {owner.Email} at Example SSO with your user {owner.Email} here? From then on whoever signs in there as {owner.Email} is you.");
        owner.HasForm("connect").Should().BeFalse("a browser that was left open connects nothing");
        await owner.SubmitAsync("confirm-identity", ("Confirm.Password", PageVisitor.Password));
        await owner.SubmitAsync("connect");
        owner.Message.Should().Be("The two are connected.");

        await ClickAsync(visitor, "/dashboard/sign-in");
        visitor.Text(".side-foot .switcher .name").Should().Be(owner.Email);
        await ClickAsync(other, "/dashboard/profile/login");
        await other.SubmitAsync("confirm-identity", ("Confirm.Password", PageVisitor.Password));
        await other.SubmitAsync("connect");
        other.Message.Should().Be("Somebody else here is connected with it already.");
        await owner.GoAsync("/dashboard/profile/login");
        await owner.SubmitAsync("disconnect");
        owner.Message.Should().Be("The two are no longer connected.");
        using var again = Visit();
        await ClickAsync(again, "/dashboard/sign-in");
        again.Message.Should().Be(Taken);
    }

    [Fact]
    public async Task Address_ThatSomebodyRegisteredAndNeverConfirmed_IsTheirsForWhomTheProviderVouches()
    {
        var port = FreePort.Find();
        await using var mails = MailServer.Start(port);
        await _gateway.DisposeAsync();
        await StartAsync("Smtp:Host=127.0.0.1", $"Smtp:Port={port}", "Smtp:Security=None", "Smtp:From=gateway@example.com", "Console:PublicUrl=http://localhost:1");
        using var squatter = Visit();
        await squatter.RegisterAsync();
        var link = (await mails.LatestAsync(squatter.Email)).Link;
        _provider.User = new ProviderUser("42", squatter.Email);
        using var owner = Visit();

        await owner.GoAsync("/dashboard/sign-in");
        await owner.GoAsync((await BackAsync(owner)).PathAndQuery);

        owner.Text(".side-foot .switcher .name").Should().Be(squatter.Email);
        await squatter.SignInAsync();
        squatter.Message.Should().Be("The e-mail or the password is not right.");
        await squatter.OpenAsync(link);
        await squatter.SubmitAsync("confirm");
        squatter.Message.Should().StartWith("The link is wrong or too old.");
    }

    [Fact]
    public async Task User_WithoutAPassword_KeepsTheOnlyWayIn()
    {
        _provider.User = new ProviderUser("42", "jane@example.com");
        using var visitor = Visit();
        await ClickAsync(visitor, "/dashboard/sign-in");
        await visitor.GoAsync("/dashboard/profile/login");

        await visitor.SubmitAsync("disconnect");
        visitor.Message.Should().Be("This is your only way to sign in. Set a password first.");
        await visitor.GoAsync("/dashboard/profile");
        await visitor.SubmitAsync("password", ("Password.New", PageVisitor.Password));
        await visitor.GoAsync("/dashboard/profile/login");
        await visitor.SubmitAsync("disconnect");

        visitor.Message.Should().Be("The two are no longer connected.");
        using var other = Visit();
        await other.SignInAsync("jane@example.com");
        other.Path.Should().Be("/dashboard");
    }

    [Theory]
    [InlineData("Invitation")]
    [InlineData("Closed")]
    public async Task Person_WhoIsNew_NeedsAnInvitationWhereRegistrationDoes(string mode)
    {
        await _gateway.DisposeAsync();
        await StartAsync($"Console:Registration={mode}");
        _provider.User = new ProviderUser("42", "jane@example.com");
        using var administrator = Visit();
        await administrator.SignInAsync(ConsoleGateway.Administrator);
        using var visitor = Visit();
        await ClickAsync(visitor, "/dashboard/sign-in");
        visitor.Message.Should().Be(Closed);

        var invitation = await AdministratorTests.InviteAsync(administrator);
        await visitor.OpenAsync(invitation);
        await ClickAsync(visitor, visitor.Page.QuerySelector("main a.primary")!.GetAttribute("href")!);

        visitor.Text(".side-foot .switcher .name").Should().Be("jane@example.com");
        _provider.User = new ProviderUser("43", "joe@example.com");
        using var second = Visit();
        await second.OpenAsync(invitation);
        second.Message.Should().BeEmpty();
        second.Page.QuerySelector("main a.primary").Should().BeNull("the invitation is used up");
    }

    [Theory]
    [InlineData(ProviderFault.OtherNonce)]
    [InlineData(ProviderFault.OtherKey)]
    [InlineData(ProviderFault.OtherAudience)]
    [InlineData(ProviderFault.Expired)]
    [InlineData(ProviderFault.NoToken)]
    [InlineData(ProviderFault.Denied)]
    public async Task Answer_OfTheProviderThatDoesNotFit_SignsNobodyInAndSaysSo(ProviderFault fault)
    {
        (_provider.Fault, _provider.User) = (fault, new ProviderUser("42", "jane@example.com"));
        using var visitor = Visit();

        await ClickAsync(visitor, "/dashboard/sign-in");

        (visitor.Path, visitor.Message).Should().Be(("/dashboard/sign-in", fault is ProviderFault.Denied ? "You were not signed in there. Try again, or use another way." : Failed));
        (await UsersAsync()).Should().BeEmpty();
        await visitor.GoAsync("/dashboard");
        visitor.Path.Should().Be("/dashboard/sign-in");
    }

    [Theory]
    [InlineData("?code=made-up&state=made-up")]
    [InlineData("?code=made-up")]
    [InlineData("")]
    public async Task Callback_ThatNobodyAskedFor_SignsNobodyInAndSaysSo(string query)
    {
        using var visitor = Visit();

        await visitor.GoAsync($"/dashboard/openid/callback{query}");

        (visitor.Path, visitor.Message).Should().Be(("/dashboard/sign-in", Failed));
    }

    [Fact]
    public async Task Callback_OfAnotherBrowser_SignsNobodyIn()
    {
        _provider.User = new ProviderUser("42", "jane@example.com");
        using var attacker = Visit();
        var callback = await attacker.FirstRedirectAsync(await attacker.FirstRedirectAsync(ExternalLink));
        using var victim = Visit();

        await victim.GoAsync(callback);

        victim.Message.Should().Be(Failed, "the code is the attacker's, and so would be the session");
    }

    [Fact]
    public async Task Provider_ThatIsDown_IsToldAndThePasswordWorks()
    {
        var port = FreePort.Find();
        await _gateway.DisposeAsync();
        await _provider.DisposeAsync();
        _provider = await FakeIdentityProvider.StartAsync(port);
        var settings = _provider.Settings;
        await _provider.DisposeAsync();
        _gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, .. settings]);
        using var visitor = Visit("zh-CN");

        await ClickAsync(visitor, "/dashboard/sign-in");
        visitor.Message.Should().Be("身份提供方暂时没有响应，请几分钟后重试，或改用其他方式登录。");
        await visitor.SignInAsync(ConsoleGateway.Administrator);
        visitor.Path.Should().Be("/dashboard");
        _provider = await FakeIdentityProvider.StartAsync(port);
        _provider.User = new ProviderUser("42", "jane@example.com");
        using var later = Visit();
        await ClickAsync(later, "/dashboard/sign-in");

        later.Path.Should().Be("/dashboard", "nothing has to be restarted");
    }

    /// <summary>Where the provider sends a browser back to: the public address, which leads here only outside of a test.</summary>
    private static async Task<Uri> BackAsync(PageVisitor visitor) => new(await visitor.FirstRedirectAsync(await visitor.FirstRedirectAsync(ExternalLink)));

    private async Task StartAsync(params string[] settings) => _gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, .. _provider.Settings, .. settings]);

    private PageVisitor Visit(string language = "en-US") => new(ConsoleGateway.LocalhostOf(_gateway), language);

    /// <summary>Opens a page and follows its link to the provider, and back.</summary>
    private static async Task ClickAsync(PageVisitor visitor, string path)
    {
        await visitor.GoAsync(path);
        var link = visitor.Page.QuerySelectorAll("a").Single(static a => a.GetAttribute("href")?.StartsWith("/dashboard/sign-in/external?", StringComparison.Ordinal) == true);
        await visitor.GoAsync(link.GetAttribute("href")!);
    }

    private async Task<string?[]> UsersAsync()
    {
        await using var database = await ConsoleGateway.OpenAsync(_gateway);
        return await database.Users.Where(static user => !user.IsAdministrator).OrderBy(static user => user.Id).Select(static user => user.Email).ToArrayAsync();
    }
}
