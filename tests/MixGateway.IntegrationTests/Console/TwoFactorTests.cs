namespace MixGateway.IntegrationTests.Console;

/// <summary>Codes of an authenticator app, from the secret on the page to the last recovery code.</summary>
public sealed class TwoFactorTests(ConsoleGateway shared) : IClassFixture<ConsoleGateway>
{
    private const string Locked = "Too many wrong attempts. Try again in some minutes.";
    private const string WrongCode = "The code is not right.";

    [Fact]
    public async Task Secret_OfThePage_MakesCodesThatSignInOnceEach()
    {
        using var visitor = shared.Visit();
        var (secret, codes) = await TurnOnAsync(visitor);
        codes.Should().HaveCount(10).And.OnlyHaveUniqueItems();
        using var first = await AtSecondStepAsync(visitor.Email);
        using var second = await AtSecondStepAsync(visitor.Email);
        var code = Totp.Code(secret, 1);

        await first.SubmitAsync("code", ("Input.Code", $"{code[..3]} {code[3..]}"));
        await second.SubmitAsync("code", ("Input.Code", code));

        first.Path.Should().Be("/dashboard");
        (second.Path, second.Message).Should().Be(("/dashboard/sign-in/code", WrongCode), "somebody has looked over the shoulder");
        await second.SubmitAsync("code", ("Input.Code", Totp.Code(secret, 2)));
        second.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task WrongCode_AtTheSetUp_TurnsNothingOn()
    {
        using var visitor = shared.Visit();
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/profile/two-factor");
        visitor.Page.QuerySelector(".qr img")!.GetAttribute("src").Should().StartWith("data:image/png;base64,");
        var secret = visitor.Text("#secret");

        await visitor.SubmitAsync("on", ("Input.Code", Other(Totp.Code(secret))));

        visitor.Text(".field .error").Should().Be("The code is not right. Is the phone's clock?");
        visitor.Text("#secret").Should().Be(secret, "the app that was set up goes on being right");
        using var other = shared.Visit();
        await other.SignInAsync(visitor.Email);
        other.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task WrongCodes_InARow_LockTheUserOut()
    {
        using var visitor = shared.Visit();
        var (secret, _) = await TurnOnAsync(visitor);
        using var guesser = await AtSecondStepAsync(visitor.Email);
        var wrong = Other(Totp.Code(secret, 1));

        for (var i = 0; i < 4; i++)
        {
            await guesser.SubmitAsync("code", ("Input.Code", wrong));
            guesser.Message.Should().Be(WrongCode);
        }

        await guesser.SubmitAsync("code", ("Input.Code", wrong));
        guesser.Message.Should().Be(Locked);
        await guesser.SubmitAsync("code", ("Input.Code", Totp.Code(secret, 1)));
        guesser.Message.Should().Be(Locked, "the right code comes too late");
        await guesser.SignInAsync(visitor.Email);
        guesser.Message.Should().Be(Locked);
    }

    [Fact]
    public async Task RecoveryCode_SignsInOnce_AndNewOnesReplaceTheOld()
    {
        using var visitor = shared.Visit();
        var (_, codes) = await TurnOnAsync(visitor);

        (await RecoverAsync(visitor.Email, "wrong-codes")).Should().Be(WrongCode);
        (await RecoverAsync(visitor.Email, codes[0])).Should().BeEmpty();
        (await RecoverAsync(visitor.Email, codes[0])).Should().Be(WrongCode);
        await visitor.GoAsync("/dashboard/profile");
        visitor.Page.Body!.TextContent.Should().Contain("9 recovery codes left");

        await visitor.GoConfirmedAsync("/dashboard/profile/two-factor");
        await visitor.SubmitAsync("codes");
        var renewed = visitor.Text("#recovery").Split('\n');
        (await RecoverAsync(visitor.Email, codes[1])).Should().Be(WrongCode);
        (await RecoverAsync(visitor.Email, renewed[0])).Should().BeEmpty();
    }

    [Fact]
    public async Task Browser_ThatIsKnown_IsAskedNoCodeUntilTwoFactorIsTurnedOff()
    {
        using var visitor = shared.Visit();
        var (secret, _) = await TurnOnAsync(visitor);
        using var known = await AtSecondStepAsync(visitor.Email);
        await known.SubmitAsync("code", ("Input.Code", Totp.Code(secret, 1)), ("Input.Known", "true"));

        await known.SignInAsync(visitor.Email);
        known.Path.Should().Be("/dashboard");
        await visitor.GoConfirmedAsync("/dashboard/profile/two-factor");
        await visitor.SubmitAsync("off");
        visitor.Message.Should().Be("Two-factor sign-in is off.");
        using var other = shared.Visit();
        await other.SignInAsync(visitor.Email);

        other.Path.Should().Be("/dashboard");
        await known.GoAsync("/dashboard");
        known.Path.Should().Be("/dashboard/sign-in", "whoever was signed in before the change is not any more");
        await visitor.GoAsync("/dashboard/profile");
        visitor.Page.QuerySelectorAll("table tbody tr").Should().HaveCount(2, "the list has no session that is none");
    }

    [Fact]
    public async Task Passkey_IsTwoFactors_AndIsAskedNoCode()
    {
        using var visitor = shared.Visit();
        await TurnOnAsync(visitor);
        using var passkey = new SoftPasskey(shared.Localhost.GetLeftPart(UriPartial.Authority));
        await passkey.AddToAsync(visitor);
        using var other = await AtSecondStepAsync(visitor.Email);

        await passkey.SignInAsync(other);

        other.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task SecondStep_WithoutTheFirst_SignsNobodyIn()
    {
        using var visitor = shared.Visit();
        foreach (var (path, form) in new[] { ("/dashboard/sign-in/code", "code"), ("/dashboard/sign-in/recovery", "recovery") })
        {
            await visitor.GoAsync(path);
            await visitor.SubmitAsync(form, ("Input.Code", "123456"));
            visitor.Message.Should().Be("The first step was too long ago. Sign in again.");
        }
    }

    /// <returns>The app's secret and the recovery codes. The code of this moment is used up.</returns>
    private static async Task<(string Secret, string[] Codes)> TurnOnAsync(PageVisitor visitor)
    {
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/profile/two-factor");
        var secret = visitor.Text("#secret");
        await visitor.SubmitAsync("on", ("Input.Code", Totp.Code(secret)));
        visitor.Message.Should().StartWith("Two-factor sign-in is on.");
        return (secret, visitor.Text("#recovery").Split('\n'));
    }

    private async Task<PageVisitor> AtSecondStepAsync(string email)
    {
        var visitor = shared.Visit();
        await visitor.SignInAsync(email);
        visitor.Path.Should().Be("/dashboard/sign-in/code");
        return visitor;
    }

    /// <returns>What went wrong; empty if the code signed in.</returns>
    private async Task<string> RecoverAsync(string email, string code)
    {
        using var visitor = await AtSecondStepAsync(email);
        await visitor.GoAsync("/dashboard/sign-in/recovery?returnUrl=%2Fdashboard");
        await visitor.SubmitAsync("recovery", ("Input.Code", code));
        return visitor.Path == "/dashboard" ? "" : visitor.Message;
    }

    /// <summary>A code that is none of the few that are right at this moment.</summary>
    private static string Other(string code) => code == "000000" ? "999999" : "000000";
}
