using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What people are told by mail, and what they can do with it.</summary>
public sealed class MailTests : IAsyncLifetime
{
    private const string MailSent = "Look into your mail: the link in it confirms your address and finishes the registration.";
    private const string ResetSent = "If this address has an account, a mail with a link is on its way.";
    private const string Wrong = "The e-mail or the password is not right.";

    private readonly int _port = FreePort.Find();
    private MailServer? _mails;
    private TestGateway _gateway = null!;

    private MailServer Mails => _mails!;

    public async Task InitializeAsync()
    {
        _mails = MailServer.Start(_port);
        _gateway = await TestGateway.StartAsync(
            [.. ConsoleGateway.Settings, "Smtp:Host=127.0.0.1", $"Smtp:Port={_port}", "Smtp:Security=None", "Smtp:From=MixGateway <gateway@example.com>",
                "Console:PublicUrl=https://ai.example.com", "Console:SignUpCredit=0.5"]);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await StopMailsAsync();
    }

    [Theory]
    [InlineData("en-US", "Confirm your address", "Your address is confirmed. You can sign in now.")]
    [InlineData("zh-CN", "确认您的邮箱地址", "邮箱地址已确认，您现在可以登录了。")]
    public async Task Registration_IsFinishedByTheLinkInTheMail_AndGivesTheCreditOnce(string language, string subject, string confirmed)
    {
        using var visitor = new PageVisitor(_gateway.Address, language);
        await visitor.RegisterAsync();
        visitor.Path.Should().Be("/dashboard/sign-up");
        var mail = await Mails.LatestAsync(visitor.Email);
        (mail.Message.Subject, mail.Message.From.ToString(), mail.To.Count).Should().Be((subject, "\"MixGateway\" <gateway@example.com>", 1));
        mail.Link.ToString().Should().StartWith("https://ai.example.com/dashboard/confirm-email?");

        // A mail server that looks into links does not confirm anything.
        using var scanner = new PageVisitor(_gateway.Address);
        await scanner.OpenAsync(mail.Link);
        await visitor.SignInAsync();
        visitor.Path.Should().Be("/dashboard/sign-in");

        await visitor.OpenAsync(mail.Link);
        await visitor.SubmitAsync("confirm", ("Input.Password", PageVisitor.Password));
        visitor.Message.Should().Be(confirmed);
        await visitor.OpenAsync(mail.Link);
        await visitor.SubmitAsync("confirm", ("Input.Password", PageVisitor.Password));
        await visitor.SignInAsync();

        visitor.Path.Should().Be("/dashboard");
        (await LedgerAsync(visitor.Email)).Should().Equal("0.5");
    }

    [Fact]
    public async Task User_WhoseAddressIsNotConfirmed_IsSentTheLinkAgainForTheRightPasswordAlone()
    {
        using var visitor = await RegisterAsync();
        var before = Mails.All.Count;

        await visitor.SignInAsync(password: "not the right one");
        visitor.Message.Should().Be(Wrong, "others do not learn that the address is registered");
        Mails.All.Should().HaveCount(before);
        await visitor.SignInAsync();

        visitor.Message.Should().Be("Your address is not confirmed yet. Look into your mail: we have sent you the link again.");
        Mails.All.Should().HaveCount(before + 1);
        await ConfirmAsync(visitor, await Mails.LatestAsync(visitor.Email));
        await visitor.SignInAsync();
        visitor.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task Registration_OfAnAddressThatIsTaken_LooksTheSameAndTellsItsOwner()
    {
        using var owner = await RegisterAsync();
        await ConfirmAsync(owner, await Mails.LatestAsync(owner.Email));
        using var other = new PageVisitor(_gateway.Address) { Email = owner.Email };

        await other.GoAsync("/dashboard/sign-up");
        await other.SubmitAsync("sign-up", ("Input.Email", owner.Email), ("Input.Password", "short"));
        other.Message.Should().StartWith("The password is too simple", "as for an address that nobody has");
        await other.SubmitAsync("sign-up", ("Input.Email", owner.Email), ("Input.Password", "another password of somebody"));

        other.Message.Should().Be(MailSent);
        (await Mails.LatestAsync(owner.Email)).Message.Subject.Should().Be("You have an account already");
        await other.SignInAsync(password: "another password of somebody");
        other.Message.Should().Be(Wrong);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Registration_OfOneAddressByTwo_IsConfirmedOnlyByItsOwnLinkAndPassword(bool victimIsFirst)
    {
        const string Own = "the owner's own password";
        using var victim = new PageVisitor(_gateway.Address);
        using var attacker = new PageVisitor(_gateway.Address) { Email = victim.Email };
        List<ReceivedMail> links = [];
        foreach (var password in victimIsFirst ? new[] { Own, PageVisitor.Password } : [PageVisitor.Password, Own])
        {
            using var visitor = new PageVisitor(_gateway.Address);
            await visitor.GoAsync("/dashboard/sign-up");
            await visitor.SubmitAsync("sign-up", ("Input.Email", victim.Email), ("Input.Password", password));
            visitor.Message.Should().Be(MailSent);
            links.Add(await Mails.LatestAsync(victim.Email));
        }

        var (own, foreign) = victimIsFirst ? (links[0], links[1]) : (links[1], links[0]);
        await victim.OpenAsync(foreign.Link);
        await victim.SubmitAsync("confirm", ("Input.Password", Own));
        victim.Message.Should().StartWith("This is not the password of the registration that this link belongs to.");
        await ConfirmAsync(victim, own, Own);
        await attacker.OpenAsync(foreign.Link);
        await attacker.SubmitAsync("confirm", ("Input.Password", PageVisitor.Password));
        attacker.Message.Should().StartWith("The link is wrong or too old.");

        await attacker.SignInAsync();
        attacker.Message.Should().Be(Wrong);
        await victim.SignInAsync(password: Own);
        victim.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task Reset_TakesBackEveryOtherWayIn_AndTellsTheOwnerWhichKeysStillWork()
    {
        using var owner = await RegisterAsync();
        await ConfirmAsync(owner, await Mails.LatestAsync(owner.Email));
        await owner.SignInAsync();
        await owner.GoAsync("/dashboard/keys/new");
        await owner.SubmitAsync("create", ("Input.Name", "planted"));
        await PlantAsync(owner.Email);

        await AskForResetAsync(owner, owner.Email);
        await owner.OpenAsync((await Mails.LatestAsync(owner.Email)).Link);
        await owner.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));

        var mail = await Mails.LatestAsync(owner.Email);
        mail.Message.Subject.Should().Be("Your password was reset");
        mail.Text.Should().Contain("- planted (sk-").And.Contain("https://ai.example.com/dashboard/keys");
        await using (var database = await DatabaseAsync())
        {
            var id = await database.Users.Where(user => user.Email == owner.Email).Select(static user => user.Id).SingleAsync();
            (await database.Set<IdentityUserPasskey<Guid>>().AnyAsync(passkey => passkey.UserId == id)).Should().BeFalse();
            (await database.Set<IdentityUserLogin<Guid>>().AnyAsync(login => login.UserId == id)).Should().BeFalse();
            (await database.UserSessions.AnyAsync(session => session.UserId == id)).Should().BeFalse();
        }

        await owner.SubmitAsync("sign-in", ("Input.Email", owner.Email), ("Input.Password", "the new one that I keep"));
        owner.Path.Should().Be("/dashboard/keys");
        owner.Page.Body!.TextContent.Should().Contain("Revoke every key that you do not recognize.").And.Contain("planted");
    }

    [Fact]
    public async Task Mails_ThatOthersAskFor_AreBoundedPerAddressAndKind_AndNobodyIsToldSo()
    {
        using var owner = await RegisterAsync();
        await ConfirmAsync(owner, await Mails.LatestAsync(owner.Email));
        var before = Mails.All.Count;
        for (var i = 0; i < 8; i++)
        {
            await AskForResetAsync(owner, i % 2 == 0 ? owner.Email : owner.Email.ToUpperInvariant());
            owner.Message.Should().Be(ResetSent);
        }

        Mails.All.Should().HaveCount(before + 5);
        using var other = new PageVisitor(_gateway.Address) { Email = owner.Email };
        for (var i = 0; i < 7; i++)
        {
            await other.RegisterAsync();
            other.Message.Should().Be(MailSent);
        }

        // The first was the owner's own registration.
        Mails.All.Should().HaveCount(before + 5 + 4);
    }

    [Theory]
    [InlineData("en-US", "Set a new password", "The new password is set. Sign in with it.")]
    [InlineData("zh-CN", "重置密码", "新密码已设置，请用它登录。")]
    public async Task Password_Forgotten_IsSetAnewByTheLinkInTheMailOnce(string language, string subject, string done)
    {
        using var visitor = await RegisterAsync(language);
        await ConfirmAsync(visitor, await Mails.LatestAsync(visitor.Email));
        await visitor.SignInAsync();
        using var helpless = new PageVisitor(_gateway.Address, language) { Email = visitor.Email };

        await AskForResetAsync(helpless, helpless.Email);
        var mail = await Mails.LatestAsync(helpless.Email);
        mail.Message.Subject.Should().Be(subject);
        await helpless.OpenAsync(mail.Link);
        await helpless.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));
        helpless.Message.Should().Be(done);

        await visitor.GoAsync("/dashboard");
        visitor.Path.Should().Be("/dashboard/sign-in", "whoever was signed in with the old password is not any more");
        await visitor.OpenAsync(mail.Link);
        await visitor.SubmitAsync("reset", ("Input.Password", "and once more the same link"));
        visitor.Path.Should().Be("/dashboard/reset-password");
        await helpless.SignInAsync(password: "the new one that I keep");
        helpless.Path.Should().Be("/dashboard");
        await helpless.GoAsync("/dashboard/profile");
        helpless.Page.QuerySelectorAll("table tbody tr").Should().ContainSingle("the sessions of before are gone");
    }

    [Fact]
    public async Task Password_ForgottenByNobodyHere_IsAnsweredAlikeAndSendsNoMail()
    {
        using var stranger = new PageVisitor(_gateway.Address);

        await AskForResetAsync(stranger, stranger.Email);

        stranger.Message.Should().Be(ResetSent);
        Mails.All.Should().BeEmpty();
    }

    [Fact]
    public async Task User_WhoIsLockedOut_MaySignInAfterAReset()
    {
        using var visitor = await RegisterAsync();
        for (var i = 0; i < 5; i++)
        {
            await visitor.SignInAsync(password: "not the right one");
        }

        await visitor.SignInAsync();
        visitor.Message.Should().Be("Too many wrong attempts. Try again in some minutes.");
        await AskForResetAsync(visitor, visitor.Email);
        await visitor.OpenAsync((await Mails.LatestAsync(visitor.Email)).Link);
        await visitor.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));
        await visitor.SignInAsync(password: "the new one that I keep");

        visitor.Path.Should().Be("/dashboard", "who reads the mails of an address has confirmed it");
        (await LedgerAsync(visitor.Email)).Should().Equal("0.5");
    }

    [Fact]
    public async Task MailServer_ThatIsDown_IsToldToPeopleAndNothingIsLost()
    {
        using var visitor = await RegisterAsync();
        await ConfirmAsync(visitor, await Mails.LatestAsync(visitor.Email));
        await StopMailsAsync();
        using var newcomer = new PageVisitor(_gateway.Address);

        await newcomer.RegisterAsync();
        newcomer.Message.Should().StartWith("The mail that confirms your address could not be sent just now.");
        await newcomer.SignInAsync();
        newcomer.Message.Should().StartWith("Your address is not confirmed yet, and the mail with the link could not be sent just now.");
        foreach (var email in new[] { visitor.Email, "nobody@example.com" })
        {
            await AskForResetAsync(newcomer, email);
            newcomer.Message.Should().StartWith("No mail can be sent just now.", "whether or not the address is known");
        }

        await visitor.SignInAsync();
        visitor.Path.Should().Be("/dashboard", "signing in needs no mail");
        _mails = MailServer.Start(_port);
        await newcomer.RegisterAsync();
        newcomer.Message.Should().Be(MailSent);
        await ConfirmAsync(newcomer, await Mails.LatestAsync(newcomer.Email));
        await newcomer.SignInAsync();
        newcomer.Path.Should().Be("/dashboard");
    }

    [Theory]
    [InlineData("victim@example.com\r\nBcc: others@example.com")]
    [InlineData("Somebody <victim@example.com>")]
    [InlineData("victim@example.com, others@example.com")]
    [InlineData("victim@example.com (comment)")]
    [InlineData("victim")]
    public async Task Address_ThatIsMoreOrLessThanAnAddress_IsRefused(string address)
    {
        using var visitor = new PageVisitor(_gateway.Address);
        await visitor.GoAsync("/dashboard/sign-up");

        await visitor.SubmitAsync("sign-up", ("Input.Email", address), ("Input.Password", PageVisitor.Password));

        visitor.Message.Should().Be("This is not an e-mail address.");
        await AskForResetAsync(visitor, address);
        visitor.Message.Should().Be(ResetSent);
        Mails.All.Should().BeEmpty();
    }

    [Fact]
    public async Task Subject_WithAnAccountsName_StaysOneLineOfTheHeader()
    {
        var account = await _gateway.CreateAccountAsync(credit: "0");
        await using (var database = await DatabaseAsync())
        {
            (await database.Accounts.AsTracking().SingleAsync(row => row.Id == account.Id)).Name = "Evil\r\nBcc: others@example.com\r\n\r\nBody";
            await database.SaveChangesAsync();
        }

        var sent = (await _gateway.Services.GetRequiredService<AccountMembers>().InviteAsync(Actor.Gateway, account.Id, "guest@example.com", AccountRole.Viewer, "en")).Value!;

        sent.MailSent.Should().BeTrue();
        var mail = await Mails.LatestAsync("guest@example.com");
        mail.To.Should().Equal("guest@example.com");
        mail.Message.Bcc.ToString().Should().BeEmpty();
        mail.Message.Subject.Should().StartWith("You are invited to Evil");
        mail.Text.Should().StartWith("Open this link within 7 days");
    }

    /// <summary>Ways in that somebody with the old password could have made.</summary>
    private async Task PlantAsync(string email)
    {
        await using var database = await DatabaseAsync();
        var id = await database.Users.Where(user => user.Email == email).Select(static user => user.Id).SingleAsync();
        database.Add(new IdentityUserLogin<Guid> { UserId = id, LoginProvider = "https://login.example.com", ProviderKey = id.ToString(), ProviderDisplayName = "Example" });
        database.Add(new IdentityUserPasskey<Guid>
        {
            UserId = id,
            CredentialId = id.ToByteArray(),
            Data = new IdentityPasskeyData { PublicKey = [1], AttestationObject = [1], ClientDataJson = [1], Name = "Planted", CreatedAt = DateTimeOffset.UnixEpoch },
        });
        await database.SaveChangesAsync();
    }

    private async Task<PageVisitor> RegisterAsync(string language = "en-US")
    {
        var visitor = new PageVisitor(_gateway.Address, language);
        await visitor.RegisterAsync();
        return visitor;
    }

    private static async Task ConfirmAsync(PageVisitor visitor, ReceivedMail mail, string password = PageVisitor.Password)
    {
        await visitor.OpenAsync(mail.Link);
        await visitor.SubmitAsync("confirm", ("Input.Password", password));
        visitor.Path.Should().Be("/dashboard/sign-in");
    }

    private static async Task AskForResetAsync(PageVisitor visitor, string email)
    {
        await visitor.GoAsync("/dashboard/forgot-password");
        await visitor.SubmitAsync("forgot", ("Input.Email", email));
    }

    private async Task<string[]> LedgerAsync(string email)
    {
        await using var database = await DatabaseAsync();
        var accountId = database.Users.Where(user => user.Email == email)
            .SelectMany(user => database.Memberships.Where(membership => membership.UserId == user.Id)).Select(static membership => membership.AccountId).Single();
        return [.. (await _gateway.GetAsync($"/api/v1/accounts/{accountId}/ledger")).GetProperty("data").EnumerateArray().Select(static entry => entry.GetProperty("amount").GetString()!)];
    }

    private Task<GatewayDbContext> DatabaseAsync() => ConsoleGateway.OpenAsync(_gateway);

    private async Task StopMailsAsync()
    {
        if (_mails is not null)
        {
            await _mails.DisposeAsync();
            _mails = null;
        }
    }
}
