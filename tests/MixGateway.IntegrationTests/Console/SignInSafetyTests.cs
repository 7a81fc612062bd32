using System.Net;
using AngleSharp.Html.Parser;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>What keeps others out: of forms, of accounts, of the way back.</summary>
public sealed class SignInSafetyTests(ConsoleGateway shared) : IClassFixture<ConsoleGateway>
{
    [Fact]
    public async Task Attempts_OfOneAddress_AreLimitedAMinuteAndPagesAreNot()
    {
        await using var gateway = await TestGateway.StartAsync("Console:SignInsPerMinute=3");
        using var visitor = new PageVisitor(gateway.Address);
        foreach (var (path, form) in new[] { ("/dashboard/sign-in", "sign-in"), ("/dashboard/sign-up", "sign-up"), ("/dashboard/reset-password", "reset") })
        {
            await visitor.GoAsync(path);
            await visitor.SubmitAsync(form);
            visitor.Status.Should().Be(HttpStatusCode.OK);
        }

        await visitor.GoAsync("/dashboard/sign-in");
        await visitor.SubmitAsync("sign-in");

        (visitor.Status, visitor.Page.Body!.TextContent).Should().Be((HttpStatusCode.TooManyRequests, "Too many attempts. Wait a minute and try again."));
        await visitor.GoAsync("/dashboard/sign-in");
        visitor.Status.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Passwords_ThatAreWrong_LockTheUserOutUntilAnAdministratorUnlocks()
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        using var guesser = shared.Visit();
        for (var i = 0; i < 4; i++)
        {
            await guesser.SignInAsync(user.Email, "not the right one");
            guesser.Message.Should().Be("The e-mail or the password is not right.");
        }

        await guesser.SignInAsync(user.Email, "not the right one");
        guesser.Message.Should().Be("Too many wrong attempts. Try again in some minutes.");
        await guesser.SignInAsync(user.Email);
        guesser.Message.Should().Be("Too many wrong attempts. Try again in some minutes.");
        using var administrator = shared.Visit();
        await administrator.SignInAsync(ConsoleGateway.Administrator);
        await administrator.GoAsync($"/dashboard/admin/users?email={user.Email}");
        await administrator.GoAsync(administrator.Page.QuerySelector("main tbody a")!.GetAttribute("href")!);
        await administrator.SubmitAsync("change", ("Change.Action", "unlock"));

        await guesser.SignInAsync(user.Email);
        guesser.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task Passwords_SentAtOnce_AreJudgedNoMoreThanInARow()
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        var guessers = Enumerable.Range(0, 20).Select(_ => shared.Visit()).ToArray();

        await Task.WhenAll(guessers.Select(guesser => guesser.SignInAsync(user.Email, "not the right one")));

        guessers.Count(static guesser => guesser.Message == "The e-mail or the password is not right.").Should().Be(4);
        guessers.Count(static guesser => guesser.Message == "Too many wrong attempts. Try again in some minutes.").Should().Be(16);
        Array.ForEach(guessers, static guesser => guesser.Dispose());
    }

    [Theory]
    [InlineData("/dashboard/profile/two-factor", "off")]
    [InlineData("/dashboard/profile/two-factor", "codes")]
    [InlineData("/dashboard/profile/passkeys", "add")]
    public async Task Change_OfHowToSignIn_AsksForThePasswordAgain(string page, string form)
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        await user.GoAsync("/dashboard/profile/two-factor");
        await user.SubmitAsync("on", ("Input.Code", Totp.Code(user.Text("#secret"))));
        await user.GoAsync(page);
        user.HasForm(form).Should().BeFalse();

        await user.SubmitAsync("confirm-identity", ("_handler", form));
        user.Message.Should().StartWith("Nothing was changed");
        await user.SubmitAsync("confirm-identity", ("Confirm.Password", "not the right one"));
        user.Message.Should().Be("The password is incorrect.");
        using (var challenge = await user.FetchAsync("/dashboard/passkeys/add"))
        {
            challenge.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        }

        await user.SubmitAsync("confirm-identity", ("Confirm.Password", PageVisitor.Password));
        user.HasForm(form).Should().BeTrue();
    }

    [Fact]
    public async Task Passwords_GuessedInABrowserThatWasLeftOpen_LockTheUserOut()
    {
        using var user = shared.Visit();
        await user.RegisterAsync();
        foreach (var (page, form, field) in new[] { ("/dashboard/profile", "password", "Password.Current"), ("/dashboard/profile/passkeys", "confirm-identity", "Confirm.Password") })
        {
            await user.GoAsync(page);
            for (var i = 0; i < 3; i++)
            {
                await user.SubmitAsync(form, (field, $"guess {i}"), ("Password.New", "a new one that is long enough"));
            }
        }

        user.Message.Should().StartWith("Too many wrong attempts.");
        using var other = shared.Visit();
        await other.SignInAsync(user.Email);
        other.Message.Should().Be("Too many wrong attempts. Try again in some minutes.");
    }

    [Fact]
    public async Task Circuits_OfTheFramework_AreNotOpened()
    {
        using var client = shared.Gateway.NewClient();
        foreach (var path in new[] { "/_blazor/negotiate?negotiateVersion=1", "/_blazor", "/_framework/blazor.web.js", "/_blazor/initializers", "/dashboard/assets/blazor.web.js" })
        {
            using var post = await client.PostAsync(new Uri(path, UriKind.Relative), null);
            using var get = await client.GetAsync(new Uri(path, UriKind.Relative));
            ((int)get.StatusCode).Should().Be(404, path);
            ((int)post.StatusCode).Should().BeOneOf([404, 405], path);
        }
    }

    [Theory]
    [InlineData("/dashboard/sign-in", "sign-in")]
    [InlineData("/dashboard/sign-up", "sign-up")]
    [InlineData("/dashboard/reset-password", "reset")]
    [InlineData("/dashboard/confirm-email", "confirm")]
    public async Task Form_SentByAnotherSite_IsRefused(string path, string form)
    {
        using var visitor = shared.Visit();
        await visitor.GoAsync(path);

        await visitor.SubmitAsync(form, ("__RequestVerificationToken", "forged"));

        visitor.Status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("//example.com")]
    [InlineData("/\\example.com")]
    [InlineData("/\t/example.com")]
    [InlineData("\n//example.com")]
    [InlineData("https://example.com/dashboard")]
    [InlineData("dashboard")]
    public async Task ReturnAddress_OnAnotherSite_IsNotFollowed(string address)
    {
        using var visitor = shared.Visit();
        await visitor.RegisterAsync();
        using var back = shared.Visit();

        await back.GoAsync($"/dashboard/sign-in?returnUrl={Uri.EscapeDataString(address)}");
        await back.SubmitAsync("sign-in", ("Input.Email", visitor.Email), ("Input.Password", PageVisitor.Password));

        back.At.Should().Be(new Uri(shared.Localhost, "/dashboard"));
    }

    [Fact]
    public async Task Cookies_BehindAProxyWithTls_AreForTlsAndForTheServerAlone()
    {
        await using var gateway = await TestGateway.StartAsync([.. ConsoleGateway.Settings, "ForwardedHeaders:KnownProxies:0=127.0.0.1"]);
        using var client = gateway.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var page = await client.GetAsync(new Uri("/dashboard/sign-in", UriKind.Relative));
        var form = new HtmlParser().ParseDocument(await page.Content.ReadAsStringAsync());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/dashboard/sign-in")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = form.QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!,
                ["Input.Email"] = ConsoleGateway.Administrator,
                ["Input.Password"] = PageVisitor.Password,
            }),
            Headers = { { "Cookie", page.Headers.GetValues("Set-Cookie").Select(static cookie => cookie.Split(';')[0]) } },
        };

        using var answer = await client.SendAsync(request);

        var cookies = page.Headers.GetValues("Set-Cookie").Concat(answer.Headers.GetValues("Set-Cookie")).ToArray();
        cookies.Select(static cookie => cookie.Split('=')[0]).Should().BeEquivalentTo("mg.form", "mg.session");
        cookies.Should().OnlyContain(static cookie => cookie.Contains("secure") && cookie.Contains("httponly") && (cookie.Contains("samesite=lax") || cookie.Contains("samesite=strict")));
        page.Headers.GetValues("Content-Security-Policy").Single().Should().Contain("script-src 'self'; style-src 'self'").And.Contain("form-action 'self'").And.NotContain("unsafe");
    }
}
