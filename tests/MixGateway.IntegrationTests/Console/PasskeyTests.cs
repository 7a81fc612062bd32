using System.Net;
using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What a passkey signs in, and everything that looks like one and must not. How browsers ask for it is tested with a real one.</summary>
public sealed class PasskeyTests(ConsoleGateway shared) : IClassFixture<ConsoleGateway>
{
    private const string Refused = "This passkey is not known here, or took too long. Try again, or use the password.";

    [Fact]
    public async Task Passkey_OfAUser_SignsInWithoutPasswordAndCodeAndIsASessionLikeAnyOther()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor, "My laptop");
        visitor.Message.Should().Contain("The passkey is added.");
        visitor.Text(".passkeys").Should().Contain("My laptop");
        using var elsewhere = shared.Visit();

        await passkey.SignInAsync(elsewhere);
        await elsewhere.GoAsync("/dashboard/profile");

        elsewhere.Text(".page-head p").Should().Be(visitor.Email);
        await visitor.GoAsync("/dashboard/profile");
        visitor.Page.QuerySelectorAll("table tbody tr").Should().HaveCount(2);
        await visitor.SubmitAsync("end-others");
        await elsewhere.GoAsync("/dashboard/profile");
        elsewhere.Path.Should().Be("/dashboard/sign-in", "the other browser was signed out");
    }

    [Fact]
    public async Task Answer_SentASecondTime_IsRefusedThoughItsSignatureIsRight()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor);
        using var first = shared.Visit();
        using var second = shared.Visit();
        await first.GoAsync("/dashboard/sign-in");
        await second.GoAsync("/dashboard/sign-in");
        var (answer, state) = await passkey.AnswerAsync(first);

        await first.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", state));
        await second.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", state));

        first.Path.Should().Be("/dashboard");
        (second.Path, second.Message).Should().Be(("/dashboard/sign-in", Refused));
    }

    [Fact]
    public async Task Answer_ToAnotherChallenge_IsRefused()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor);
        using var stranger = shared.Visit();
        await stranger.GoAsync("/dashboard/sign-in");
        var (answer, _) = await passkey.AnswerAsync(stranger);
        var (_, state) = await passkey.AnswerAsync(stranger);

        await stranger.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", state));
        stranger.Message.Should().Be(Refused);

        await stranger.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", "made-up"));
        stranger.Message.Should().Be(Refused);

        await stranger.SubmitAsync("sign-in", ("Input.Passkey", "{}"), ("Input.State", state));
        stranger.Message.Should().Be(Refused);
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("another user")]
    [InlineData("another site")]
    [InlineData("nobody asked")]
    public async Task Passkey_ThatProvesSomethingElse_IsRefused(string what)
    {
        using var visitor = await RegisteredAsync();
        using var other = await RegisteredAsync();
        using var passkey = Passkey();
        using var another = Passkey();
        await passkey.AddToAsync(visitor);
        await another.AddToAsync(other);
        switch (what)
        {
            case "another key":
                passkey.Forge();
                break;
            case "another user":
                passkey.UserHandle = another.UserHandle;
                break;
            case "another site":
                passkey.Origin = "http://localhost.example.com";
                break;
            default:
                passkey.AsksItsHolder = false;
                break;
        }

        await TryAsync(passkey);
    }

    [Fact]
    public async Task Passkey_ThatWasRemoved_IsRefusedAndMayBeAddedAnew()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor);
        await visitor.SubmitAsync("remove", ("Remove.Id", visitor.Page.QuerySelector("[name='Remove.Id']")!.GetAttribute("value")!));
        visitor.Message.Should().Contain("The passkey is removed.");

        await TryAsync(passkey);

        await passkey.AddToAsync(visitor);
        visitor.Message.Should().Contain("The passkey is added.");
        (await AuditedAsync(visitor.Email)).Should().Equal("user.passkey-add", "user.passkey-remove", "user.passkey-add");
    }

    [Fact]
    public async Task Passkey_Renamed_HasTheNewName()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor);
        var form = visitor.Page.QuerySelector("form input[name=name]")!.Closest("form")!.QuerySelector("input[name=_handler]")!.GetAttribute("value")!;

        await visitor.SubmitAsync(form, ("name", "Key ring"));
        visitor.Text(".passkeys strong").Should().Be("Key ring");
        await visitor.SubmitAsync(form, ("name", "two\nlines"));

        visitor.Message.Should().Contain("one line");
        await TryAsync(passkey, signedIn: true);
    }

    [Fact]
    public async Task Challenge_OfOneUser_AddsNothingToAnother()
    {
        using var visitor = await RegisteredAsync();
        using var other = await RegisteredAsync();
        using var passkey = Passkey();
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        await other.GoConfirmedAsync("/dashboard/profile/passkeys");
        var (answer, state) = await passkey.CreateAsync(visitor);

        await other.SubmitAsync("add", ("Input.Passkey", answer), ("Input.State", state));
        other.Message.Should().Be("That took too long, or was sent twice. Try again.");
        await visitor.SubmitAsync("add", ("Input.Passkey", answer), ("Input.State", state));
        visitor.Message.Should().Contain("The passkey is added.");

        await visitor.SubmitAsync("add", ("Input.Passkey", answer), ("Input.State", state));
        visitor.Message.Should().NotContain("added").And.Contain("could not be taken", "it is there already");
    }

    [Fact]
    public async Task Challenge_AskedForByAnotherSite_IsNotGiven()
    {
        using var visitor = await RegisteredAsync();
        await visitor.GoAsync("/dashboard/profile/passkeys");

        foreach (var path in new[] { "/dashboard/passkeys/add", "/dashboard/passkeys/sign-in" })
        {
            using var answer = await visitor.FetchAsync(path, token: "forged");
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Passkey_OfAUserWhoIsSuspendedOrLockedOut_IsRefusedAndSaysWhy()
    {
        using var visitor = await RegisteredAsync();
        using var passkey = Passkey();
        await passkey.AddToAsync(visitor);

        await ChangeAsync(visitor.Email, static row => row.SuspendedAt = DateTime.UtcNow);
        await TryAsync(passkey, message: "This user is suspended. Ask your administrator.");
        await ChangeAsync(visitor.Email, static row => (row.SuspendedAt, row.LockoutEnd) = (null, DateTimeOffset.UtcNow.AddMinutes(5)));
        await TryAsync(passkey, message: "Too many wrong attempts. Try again in some minutes.");
        await ChangeAsync(visitor.Email, static row => row.LockoutEnd = null);

        await TryAsync(passkey, signedIn: true);
    }

    /// <summary>The proxy in front speaks TLS and calls the gateway by another name.</summary>
    [Theory]
    [InlineData("https://ai.example.com", true)]
    [InlineData("http://ai.example.com", false)]
    [InlineData("https://ai.example.com:8443", false)]
    [InlineData("https://other.ai.example.com", false)]
    public async Task Passkey_BehindAProxy_IsForThePublicAddressAlone(string origin, bool taken)
    {
        await using var gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, "Console:PublicUrl=https://ai.example.com"]);
        using var visitor = new PageVisitor(gateway.Address);
        await visitor.RegisterAsync();
        using var passkey = new SoftPasskey("https://ai.example.com");
        await passkey.AddToAsync(visitor);
        visitor.Form("add").GetAttribute("data-domain").Should().Be("ai.example.com");
        using var other = new PageVisitor(gateway.Address);

        passkey.Origin = origin;
        await passkey.SignInAsync(other);

        other.Path.Should().Be(taken ? "/dashboard" : "/dashboard/sign-in");
    }

    private SoftPasskey Passkey() => new(shared.Localhost.GetLeftPart(UriPartial.Authority));

    private async Task<PageVisitor> RegisteredAsync()
    {
        var visitor = shared.Visit();
        await visitor.RegisterAsync();
        visitor.Path.Should().Be("/dashboard");
        return visitor;
    }

    private async Task TryAsync(SoftPasskey passkey, bool signedIn = false, string message = Refused)
    {
        using var visitor = shared.Visit();
        await passkey.SignInAsync(visitor);
        if (signedIn)
        {
            visitor.Path.Should().Be("/dashboard");
        }
        else
        {
            (visitor.Path, visitor.Message).Should().Be(("/dashboard/sign-in", message));
        }
    }

    private async Task ChangeAsync(string email, Action<UserRow> change)
    {
        await using var database = await shared.OpenAsync();
        change(await database.Users.AsTracking().SingleAsync(user => user.Email == email));
        await database.SaveChangesAsync();
    }

    private async Task<string[]> AuditedAsync(string email)
    {
        await using var database = await shared.OpenAsync();
        var id = await database.Users.Where(user => user.Email == email).Select(static user => user.Id).SingleAsync();
        return await database.AuditEntries.Where(entry => entry.Target == id.ToString()).OrderBy(static entry => entry.Id).Select(static entry => entry.Action).ToArrayAsync();
    }
}
