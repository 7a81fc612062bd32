using System.Net;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.EntityFrameworkCore;

namespace MixGateway.IntegrationTests.Console;

/// <summary>Every form of every page, sent twice: both times it ends in a redirect, and it counts once.</summary>
public sealed partial class FormTests(ConsoleGateway shared) : IClassFixture<ConsoleGateway>
{
    private static readonly string[] GuestPages =
    [
        "/dashboard/sign-in", "/dashboard/sign-up", "/dashboard/sign-in/code", "/dashboard/sign-in/recovery",
        "/dashboard/reset-password?user=x&code=x", "/dashboard/confirm-email?user=x&code=x", "/models",
    ];

    private static readonly string[] Pages =
    [
        "/dashboard", "/dashboard/keys", "/dashboard/keys/new", "/dashboard/usage", "/dashboard/requests", "/dashboard/playground", "/dashboard/quick-start", "/dashboard/billing",
        "/dashboard/billing/ledger", "/dashboard/members", "/dashboard/profile", "/dashboard/profile/two-factor", "/dashboard/profile/passkeys", "/dashboard/admin", "/dashboard/admin/calls",
        "/dashboard/admin/accounts", "/dashboard/admin/codes", "/dashboard/admin/users", "/dashboard/admin/users/invitations", "/dashboard/admin/providers", "/dashboard/admin/catalog",
        "/dashboard/admin/usage", "/dashboard/admin/margin", "/dashboard/admin/reconciliation", "/dashboard/admin/audit", "/dashboard/admin/tokens",
    ];

    /// <summary>What makes a form do something; all others are sent as they stand on their page.</summary>
    private static readonly Dictionary<string, (string Field, string Value)[]> Inputs = new()
    {
        ["/dashboard/keys/new create"] = [("Input.Name", "twice")],
        ["/dashboard/members invite"] = [("Invite.Email", "twice@example.com")],
        ["/dashboard/admin/codes create"] = [("Input.Amount", "10"), ("Input.Count", "2")],
        ["/dashboard/admin/accounts create"] = [("Input.Name", "Twice")],
        ["/dashboard/admin/users/invitations create"] = [("Input.Email", "guest@example.com")],
        ["/dashboard/admin/accounts/* credit"] = [("Credit.Amount", "5"), ("Credit.Note", "twice")],
        ["/dashboard/sign-up sign-up"] = [("Input.Email", "new@example.com"), ("Input.Password", PageVisitor.Password)],
    };

    [Fact]
    public async Task Form_OfAnyPage_EndsInARedirectAndCountsOnce()
    {
        using var visitor = await AdministratorAsync();
        var account = await shared.Gateway.CreateAccountAsync();
        using var user = shared.Visit();
        await user.RegisterAsync();
        await visitor.GoAsync($"/dashboard/admin/users?email={user.Email}");
        var userPage = visitor.Page.QuerySelector("main tbody a")!.GetAttribute("href")!;
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        HashSet<string> sent = [];
        List<string> counted = [];

        foreach (var page in Pages.Concat([$"/dashboard/admin/accounts/{account.Id}", userPage]))
        {
            await SendAllAsync(visitor, page, sent, counted);
        }

        // What was made on the way has pages and forms of its own.
        await using (var database = await shared.OpenAsync())
        {
            var own = await database.ApiKeys.Where(static key => key.Name == "twice").Select(static key => key.Id).SingleAsync();
            await SendAllAsync(visitor, $"/dashboard/keys/{own}", sent, counted);
            await SendAllAsync(visitor, "/dashboard/members", sent, counted);
        }

        using var guest = shared.Visit();
        foreach (var page in GuestPages)
        {
            await SendAllAsync(guest, page, sent, counted);
        }

        sent.Should().Contain(
        [
            "/dashboard/keys/new create", "/dashboard/keys/* edit", "/dashboard/keys/* rotate", "/dashboard/keys/* revoke", "/dashboard/members invite", "/dashboard/members withdraw-*",
            "/dashboard/profile password", "/dashboard/profile/two-factor on", "/dashboard/profile/passkeys add", "/dashboard/billing redeem", "/dashboard/admin/codes create",
            "/dashboard/admin/users/invitations create", "/dashboard/admin/users/* change", "/dashboard/admin/tokens create", "/dashboard/admin/reconciliation run", "/dashboard/sign-in sign-in",
            "/dashboard/sign-up sign-up", "/dashboard/confirm-email confirm", "/dashboard/preferences/theme",
        ]);
        counted.Should().Contain(Inputs.Keys, "these did something the first time, and so could have done it twice").And.Contain("/dashboard/keys/* rotate");
    }

    [Fact]
    public async Task Form_SentTwiceAtOnce_CountsOnceAndBothAreLedToTheKey()
    {
        using var visitor = await AdministratorAsync();
        await visitor.GoAsync("/dashboard/keys/new");
        var form = visitor.Form("create");

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => visitor.PostAsync(form, ("Input.Name", "at once"))));

        answers.Distinct().Should().ContainSingle().Which.Status.Should().Be(HttpStatusCode.SeeOther);
        await visitor.GoAsync(answers[0].Location!);
        visitor.Page.Body!.TextContent.Should().Contain("sk-").And.NotContain("counted once");
        var shown = visitor.Page.Body.TextContent;
        await visitor.GoAsync(answers[0].Location!);
        visitor.At.Query.Should().BeEmpty("it was shown");
        visitor.Page.Body!.TextContent.Should().NotContain(Secret().Match(shown).Value);
        await using var database = await shared.OpenAsync();
        (await database.ApiKeys.CountAsync(static key => key.Name == "at once")).Should().Be(1);
    }

    [Fact]
    public async Task Page_ThatShowsAKey_IsForTheSessionThatMadeIt()
    {
        using var visitor = await AdministratorAsync();
        await visitor.GoAsync("/dashboard/keys/new");
        var (_, location) = await visitor.PostAsync(visitor.Form("create"), ("Input.Name", "of one session"));
        using var other = await AdministratorAsync();

        await other.GoAsync(location!);
        other.Page.Body!.TextContent.Should().NotContain("sk-");
        await visitor.GoAsync(location!);

        visitor.Page.Body!.TextContent.Should().Contain("sk-");
    }

    [Theory]
    [InlineData("/dashboard/keys/new?shown=00000000000000000000000000000000")]
    [InlineData("/dashboard/keys/new?shown=%00&x=1")]
    [InlineData("/dashboard/usage?days=7&shown=nonsense")]
    public async Task Address_OfAPageThatIsNotThere_LeadsToThePageItself(string address)
    {
        using var visitor = await AdministratorAsync();

        await visitor.GoAsync(address);

        (visitor.Status, visitor.At.Query.Contains("shown", StringComparison.Ordinal)).Should().Be((HttpStatusCode.OK, false));
        visitor.At.AbsolutePath.Should().Be(address.Split('?')[0]);
    }

    [Fact]
    public async Task Form_ThatIsNoLongerOnThePage_ChangesNothingAndSaysSo()
    {
        using var visitor = await AdministratorAsync();
        await visitor.GoAsync("/dashboard/members");

        await visitor.SubmitAsync("invite", ("_handler", "withdraw-00000000-0000-0000-0000-000000000000"));

        visitor.Message.Should().StartWith("Nothing was changed");
    }

    private static async Task<string> StateAsync(ConsoleGateway shared)
    {
        await using var database = await shared.OpenAsync();
        var counts = new[]
        {
            await database.AuditEntries.CountAsync(), await database.ApiKeys.CountAsync(), await database.RedemptionCodes.CountAsync(), await database.Invitations.CountAsync(),
            await database.AdminTokens.CountAsync(), await database.LedgerEntries.CountAsync(), await database.Accounts.CountAsync(), await database.Users.CountAsync(), await database.UserSessions.CountAsync(),
        };
        return string.Join(' ', counts);
    }

    private async Task SendAllAsync(PageVisitor visitor, string page, HashSet<string> sent, List<string> counted)
    {
        await visitor.GoAsync(page);
        visitor.Status.Should().Be(HttpStatusCode.OK, page);
        foreach (var name in visitor.Page.QuerySelectorAll<IHtmlFormElement>("form[method=post]").Select(form => NameOf(page, form)).Where(name => !name.EndsWith("/sign-out", StringComparison.Ordinal)).Distinct().ToArray())
        {
            // Of many alike, such as one for each member, one is enough.
            if (!sent.Add(name))
            {
                continue;
            }

            await visitor.GoAsync(page);
            if (visitor.Page.QuerySelectorAll<IHtmlFormElement>("form[method=post]").FirstOrDefault(form => NameOf(page, form) == name) is not { } form)
            {
                // Another form of the page has made it superfluous.
                sent.Remove(name);
                continue;
            }

            var before = await StateAsync(shared);
            var first = await visitor.PostAsync(form, Inputs.GetValueOrDefault(name, []));
            var after = await StateAsync(shared);
            var second = await visitor.PostAsync(form, Inputs.GetValueOrDefault(name, []));

            ((int)first.Status).Should().BeOneOf([302, 303], name);
            first.Location.Should().NotBeNullOrEmpty(name);
            (await StateAsync(shared)).Should().Be(after, "{0} counts once", name);
            if (name == "/dashboard/sign-up sign-up")
            {
                // The first has signed in, and the form is of a browser in which nobody was.
                second.Status.Should().Be(HttpStatusCode.BadRequest);
            }
            else
            {
                ((int)second.Status).Should().BeOneOf([302, 303], name);
            }

            if (after != before)
            {
                counted.Add(name);
            }
        }
    }

    /// <summary>The page's path and the form's name, without ids; of the layout's forms where they lead.</summary>
    private static string NameOf(string page, IHtmlFormElement form)
    {
        var handler = form.QuerySelector("input[name=_handler]")?.GetAttribute("value");
        return handler is null ? form.GetAttribute("action")! : Ids().Replace($"{page.Split('?')[0]} {handler}", "*");
    }

    private async Task<PageVisitor> AdministratorAsync()
    {
        var visitor = shared.Visit();
        await visitor.SignInAsync(ConsoleGateway.Administrator);
        visitor.Path.Should().Be("/dashboard");
        return visitor;
    }

    [GeneratedRegex("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex("sk-[0-9A-Za-z_-]{20,}")]
    private static partial Regex Secret();
}
