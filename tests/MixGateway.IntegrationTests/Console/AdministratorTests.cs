using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What an administrator does for people where no mail is sent: links for passwords, invitations, lost second factors.</summary>
public sealed class AdministratorTests(ConsoleGateway shared) : IClassFixture<ConsoleGateway>
{
    private const string Used = "This invitation was used, withdrawn or is too old. Ask for a new one.";

    [Fact]
    public async Task Link_ForANewPassword_IsShownOnceWorksOnceAndIsAudited()
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        using var helpless = shared.Visit();
        await helpless.GoAsync("/dashboard/forgot-password");
        helpless.Text("main .notice").Should().StartWith("This gateway sends no mail. Ask your administrator");
        using var administrator = await AdministratorAsync();
        var page = await PageOfAsync(administrator, user.Email);

        await administrator.SubmitAsync("change", ("Change.Action", "link"));
        var link = new Uri(administrator.Text("#reset-link"));
        link.ToString().Should().StartWith($"{shared.Localhost}dashboard/reset-password?user=");
        await administrator.GoAsync(page);
        administrator.Page.QuerySelector("#reset-link").Should().BeNull();

        await user.GoAsync("/dashboard");
        user.Path.Should().Be("/dashboard", "nothing changes until the link is used");
        await helpless.OpenAsync(link);
        await helpless.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));
        helpless.Message.Should().Be("The new password is set. Sign in with it.");
        await helpless.SignInAsync(user.Email, "the new one that I keep");
        helpless.Path.Should().Be("/dashboard");
        await user.GoAsync("/dashboard");
        user.Path.Should().Be("/dashboard/sign-in");
        await user.OpenAsync(link);
        await user.SubmitAsync("reset", ("Input.Password", "and once more the same link"));
        user.Message.Should().Be("The link is wrong or too old. Ask for a new one.");

        await using var database = await shared.OpenAsync();
        var entry = await database.AuditEntries.SingleAsync(entry => entry.Action == "user.reset-link" && entry.Target == page.Split('/', StringSplitOptions.None)[4]);
        $"{entry.Before}{entry.After}".Should().NotContain(link.Query).And.NotContain("code");
    }

    [Theory]
    [InlineData("?user=nobody&code=nothing")]
    [InlineData("?user=00000000-0000-0000-0000-000000000000&code=bm90aGluZw")]
    [InlineData("")]
    public async Task Link_ThatIsNone_IsRefused(string query)
    {
        using var visitor = shared.Visit();
        await visitor.GoAsync($"/dashboard/reset-password{query}");
        await visitor.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));
        visitor.Message.Should().Be("The link is wrong or too old. Ask for a new one.");

        await visitor.GoAsync($"/dashboard/confirm-email{query}");
        await visitor.SubmitAsync("confirm");
        visitor.Message.Should().StartWith("The link is wrong or too old.");
    }

    [Fact]
    public async Task User_WhoLostPhoneAndPasskey_SignsInWithThePasswordAgain()
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        using var passkey = new SoftPasskey(shared.Localhost.GetLeftPart(UriPartial.Authority));
        await passkey.AddToAsync(user);
        await user.GoAsync("/dashboard/profile/two-factor");
        await user.SubmitAsync("on", ("Input.Code", Totp.Code(user.Text("#secret"))));
        using var administrator = await AdministratorAsync();
        await PageOfAsync(administrator, user.Email);

        await administrator.SubmitAsync("change", ("Change.Action", "one-factor"));
        administrator.Message.Should().Be("Two-factor sign-in is off.");
        await administrator.SubmitAsync("change", ("Change.Action", "no-passkeys"));
        administrator.Message.Should().Be("The passkeys are removed.");

        await user.GoAsync("/dashboard");
        user.Path.Should().Be("/dashboard/sign-in");
        await user.SignInAsync();
        user.Path.Should().Be("/dashboard");
        await user.GoAsync("/dashboard/profile/two-factor");
        user.Page.QuerySelector("#secret").Should().NotBeNull("it can be set up anew");
        using var other = shared.Visit();
        await passkey.SignInAsync(other);
        other.Path.Should().Be("/dashboard/sign-in");
    }

    [Theory]
    [InlineData("Invitation", "Registration needs an invitation. Open the link of yours, or ask your administrator for one.")]
    [InlineData("Closed", "Registration is closed. Ask your administrator for an account.")]
    public async Task Invitation_OfAnAdministrator_LetsOnePersonRegister(string mode, string closed)
    {
        await using var gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, $"Console:Registration={mode}"]);
        using var administrator = new PageVisitor(gateway.Address);
        await administrator.SignInAsync(ConsoleGateway.Administrator);
        using var visitor = new PageVisitor(gateway.Address);
        await visitor.GoAsync("/dashboard/sign-up");
        (visitor.Text("main .notice"), visitor.Page.Forms.Any(static form => form.QuerySelector("[name='Input.Password']") is not null)).Should().Be((closed, false));

        var invitation = await InviteAsync(administrator, "guest@example.com");
        administrator.Page.QuerySelectorAll("table tbody tr").Should().ContainSingle().Which.TextContent.Should().Contain("guest@example.com");
        await visitor.OpenAsync(invitation);
        await visitor.RegisterAsync(visitor.Page.QuerySelector("main a.primary")!.GetAttribute("href")!);
        visitor.Path.Should().Be("/dashboard");

        using var second = new PageVisitor(gateway.Address);
        await second.OpenAsync(invitation);
        second.Text("main .notice").Should().Be(Used);
        await second.GoAsync($"/dashboard/sign-up{invitation.Query.Replace("code=", "invitation=", StringComparison.Ordinal)}");
        second.Text("main .notice").Should().Be(closed);
        await administrator.GoAsync("/dashboard/admin/users/invitations");
        administrator.Page.QuerySelectorAll("table tbody tr").Should().BeEmpty("what was used is not open");
    }

    [Theory]
    [InlineData("Invitation", true)]
    [InlineData("Closed", false)]
    public async Task Invitation_OfAnAccountsOwner_BringsInNewPeopleOnlyWhereInvitationsDo(string mode, bool admitted)
    {
        await using var gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, $"Console:Registration={mode}"]);
        using var owner = new PageVisitor(gateway.Address);
        await owner.SignInAsync(ConsoleGateway.Administrator);
        await owner.GoAsync("/dashboard/members");
        await owner.SubmitAsync("invite", ("Invite.Email", "guest@example.com"), ("Invite.Role", "Viewer"));
        var invitation = new Uri(owner.Text("#invitation"));
        using var visitor = new PageVisitor(gateway.Address);

        await visitor.OpenAsync(invitation);
        (visitor.Page.QuerySelector("main a.primary") is not null).Should().Be(admitted);
        await visitor.GoAsync($"/dashboard/sign-up{invitation.Query.Replace("code=", "invitation=", StringComparison.Ordinal)}");

        visitor.Page.Forms.Any(static form => form.QuerySelector("[name='Input.Password']") is not null).Should().Be(admitted);
    }

    [Fact]
    public async Task Invitation_ThatIsWithdrawnOrTooOld_LetsNobodyIn()
    {
        using var administrator = await AdministratorAsync();
        var withdrawn = await InviteAsync(administrator);
        await administrator.SubmitAsync("withdraw", ("Withdraw.Id", administrator.Page.QuerySelector("[name='Withdraw.Id']")!.GetAttribute("value")!));
        administrator.Message.Should().Be("The invitation is withdrawn.");
        var old = await InviteAsync(administrator);
        await using (var database = await shared.OpenAsync())
        {
            await database.Invitations.Where(static row => row.AccountId == null).ExecuteUpdateAsync(static row => row.SetProperty(invitation => invitation.ExpiresAt, DateTime.UtcNow.AddSeconds(-1)));
        }

        using var visitor = shared.Visit();
        foreach (var link in new[] { withdrawn, old })
        {
            await visitor.OpenAsync(link);
            visitor.Text("main .notice").Should().Be(Used);
        }
    }

    [Fact]
    public async Task Invitation_WithWhatIsNoAddress_IsNotMade()
    {
        using var administrator = await AdministratorAsync();
        await administrator.GoAsync("/dashboard/admin/users/invitations");

        await administrator.SubmitAsync("create", ("Input.Email", "nobody"), ("Input.Days", "7"));
        administrator.Message.Should().Be("Some fields need a second look. E-mail: Has to be an e-mail address.");
        await administrator.SubmitAsync("create", ("Input.Email", ""), ("Input.Days", "100000"));

        administrator.Message.Should().Be("Some fields need a second look. Days: Has to be a number from 1 to 90.");
    }

    [Fact]
    public async Task Invitation_ThatManyUseAtOnce_LetsInOne()
    {
        await using var gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, "Console:Registration=Invitation"]);
        using var administrator = new PageVisitor(gateway.Address);
        await administrator.SignInAsync(ConsoleGateway.Administrator);
        var invitation = await InviteAsync(administrator);
        var path = $"/dashboard/sign-up{invitation.Query.Replace("code=", "invitation=", StringComparison.Ordinal)}";
        PageVisitor[] visitors = [.. Enumerable.Range(0, 4).Select(_ => new PageVisitor(gateway.Address))];

        await Task.WhenAll(visitors.Select(visitor => visitor.GoAsync(path)));
        await Task.WhenAll(visitors.Select(static visitor => visitor.SubmitAsync("sign-up", ("Input.Email", visitor.Email), ("Input.Password", PageVisitor.Password))));

        visitors.Count(static visitor => visitor.Path == "/dashboard").Should().Be(1);
        await using var database = await ConsoleGateway.OpenAsync(gateway);
        (await database.Users.CountAsync(static user => !user.IsAdministrator)).Should().Be(1);
        foreach (var visitor in visitors)
        {
            visitor.Dispose();
        }
    }

    /// <summary>Makes an invitation for whoever has its link.</summary>
    internal static async Task<Uri> InviteAsync(PageVisitor administrator, string email = "")
    {
        await administrator.GoAsync("/dashboard/admin/users/invitations");
        await administrator.SubmitAsync("create", ("Input.Email", email), ("Input.Days", "7"));
        return new Uri(administrator.Text("#invitation"));
    }

    private async Task<PageVisitor> AdministratorAsync()
    {
        var visitor = shared.Visit();
        await visitor.SignInAsync(ConsoleGateway.Administrator);
        visitor.Path.Should().Be("/dashboard");
        return visitor;
    }

    /// <summary>Opens a user's page as an administrator finds it.</summary>
    private static async Task<string> PageOfAsync(PageVisitor administrator, string email)
    {
        await administrator.GoAsync($"/dashboard/admin/users?email={email}");
        await administrator.GoAsync(administrator.Page.QuerySelector("main tbody a")!.GetAttribute("href")!);
        administrator.Title.Should().Be(email);
        return administrator.Path;
    }
}
