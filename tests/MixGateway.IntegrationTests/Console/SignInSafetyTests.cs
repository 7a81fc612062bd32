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
