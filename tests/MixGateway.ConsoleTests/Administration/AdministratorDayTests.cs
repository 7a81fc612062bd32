using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Administration;

/// <summary>What an administrator does in a day, with a real browser.</summary>
public sealed class AdministratorDayTests(AdministratorGateway shared) : IClassFixture<AdministratorGateway>
{
    private const string Stalled = "sim:sim+chunks=3+stall=1:3600000";

    [Theory]
    [InlineData("en-US")]
    [InlineData("zh-CN")]
    public async Task Day_OfAnAccount_IsCreditedWatchedStoppedSuspendedAndLogged(string locale)
    {
        var words = new Words(locale);
        await using var visitor = await shared.SignInAsync(locale);
        var name = $"Acme {Guid.NewGuid():N}";
        var accountId = await CreateAccountAsync(visitor, name, words);

        await visitor.Field(words.Admin("Credit.Amount", "USD")).FillAsync("5");
        await visitor.Field(words.Admin("Credit.Note")).FillAsync("Welcome present");
        await visitor.Button(words.Admin("Credit.Book")).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Admin("Credit.Booked"))).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".stat dd").First).ToContainTextAsync("5.00");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "Welcome present" })).ToBeVisibleAsync();
        await visitor.Page.Locator("[name='Limits.MaxConcurrent']").FillAsync("7");
        await visitor.Button(words.Admin("Account.SaveLimits")).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Admin("Account.Changed"))).ToBeVisibleAsync();
        (await shared.Gateway.GetAsync($"/api/v1/accounts/{accountId}")).GetProperty("maxConcurrent").GetInt32().Should().Be(7);

        await visitor.GoAsync("/dashboard/admin/calls");
        var key = (await shared.Gateway.PostAsync($"/api/v1/accounts/{accountId}/keys", new { name = "day" })).GetProperty("key").GetString();
        using var caller = shared.Gateway.NewClient(key);
        using var answer = await CallAsync(caller, Stalled);
        var requestId = answer.Headers.GetValues("x-request-id").Single();

        // The call comes by itself: the page reads itself anew.
        await visitor.Button(words.Admin("Calls.StopOf", Stalled, name)).ClickAsync();
        await visitor.Page.Locator("dialog:popover-open button.danger").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Admin("Calls.Stopped"))).ToBeVisibleAsync();
        (await ReadToEndAsync(answer)).Should().Contain("stopped by an administrator");
        await visitor.GoAsync($"/dashboard/admin/usage?id={requestId}");
        await Assertions.Expect(visitor.Page.Locator("main .badge").First).ToHaveTextAsync(words.Admin("CallStatus.Aborted"));
        await Assertions.Expect(visitor.Page.Locator("main .notice")).ToHaveTextAsync(words.Account("CallError.service_unavailable"));

        await visitor.GoAsync($"/dashboard/admin/accounts/{accountId}");
        await visitor.Button(words.Admin("Account.Suspend")).ClickAsync();
        await visitor.Button(words.Admin("Account.SuspendNow")).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Admin("Account.Suspended"))).ToBeVisibleAsync();
        using (var refused = await CallAsync(caller, "sim:fast"))
        {
            (await refused.Content.ReadAsStringAsync()).Should().Contain("account_suspended");
        }

        await visitor.Button(words.Admin("Account.Activate")).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Admin("Account.Activated"))).ToBeVisibleAsync();

        await visitor.Link(words.Admin("Account.Audit")).ClickAsync();
        await Assertions.Expect(visitor.Heading(words.Admin("Audit.Title"))).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "account.change" })).ToHaveCountAsync(3);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "account.credit" })).ToHaveCountAsync(1);
        await visitor.GoAsync($"/dashboard/admin/audit?subject={requestId}&actor={AdministratorGateway.Email}");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "call.stop" })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Credit_WithoutAReason_IsNotBooked()
    {
        await using var visitor = await shared.SignInAsync();
        await CreateAccountAsync(visitor, $"Acme {Guid.NewGuid():N}", new Words("en-US"));

        await visitor.Page.Locator("[name='Credit.Amount']").FillAsync("5");
        await visitor.Field("Reason").FillAsync(" ");
        await visitor.Button("Book it").ClickAsync();

        await Assertions.Expect(visitor.Page.GetByText("Say why.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".stat dd").First).ToContainTextAsync("0.00");
    }

    [Fact]
    public async Task User_WhoIsSignedOutByAnAdministrator_HasToSignInAgain()
    {
        await using var other = await Visitor.OpenAsync(shared.Gateway);
        await other.RegisterAsync();
        await using var visitor = await shared.SignInAsync();

        await visitor.GoAsync($"/dashboard/admin/users?email={other.Email}");
        await visitor.Link(other.Email).ClickAsync();
        await visitor.Button("Make administrator").ClickAsync();
        await visitor.Button("Yes, appoint").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("The user is an administrator now.")).ToBeVisibleAsync();
        await other.GoAsync("/dashboard/admin");
        await Assertions.Expect(other.Heading("The gateway at a glance")).ToBeVisibleAsync();
        await visitor.Button("Sign out everywhere").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("All browsers are signed out.")).ToBeVisibleAsync();

        await other.GoAsync("/dashboard");

        await Assertions.Expect(other.Heading("Sign in")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Token_FromTheConsole_OpensWhatItsScopesAllowUntilItIsRevoked()
    {
        await using var visitor = await shared.SignInAsync();
        var name = $"exporter-{Guid.NewGuid():N}";

        await visitor.GoAsync("/dashboard/admin/tokens");
        await visitor.Field("Name").FillAsync(name);
        await visitor.Page.Locator("input[value='usage:read']").CheckAsync();
        await visitor.Button("Create a token").ClickAsync();
        var token = await visitor.Page.Locator("#token").InnerTextAsync();

        using var client = shared.Gateway.NewClient(token);
        (await StatusAsync(client, "/api/v1/usage/summary?groupBy=day")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(client, "/api/v1/accounts")).Should().Be(HttpStatusCode.Forbidden);
        await visitor.Button($"Revoke the token {name}").ClickAsync();
        await visitor.Page.Locator("dialog:popover-open button.danger").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("The token is revoked.")).ToBeVisibleAsync();
        (await StatusAsync(client, "/api/v1/usage/summary?groupBy=day")).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Model_Tested_ShowsStatusAndTimesAndIsNotBilled()
    {
        await using var visitor = await shared.SignInAsync();

        await visitor.GoAsync("/dashboard/admin/catalog");
        await visitor.Field("Model").FillAsync("sim:fast");
        await visitor.Button("Test").First.ClickAsync();

        await Assertions.Expect(visitor.Page.GetByText("sim:fast answered.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator(".notice .facts dd").First).ToHaveTextAsync("200");
        await visitor.GoAsync("/dashboard/admin/audit?action=provider.test&subject=sim:fast");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = AdministratorGateway.Email }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Usage_OfAllAccounts_IsSummedComparedAndDownloaded()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var caller = shared.Gateway.NewClient(account.Key);
        using var answer = await CallAsync(caller, "sim:fast");
        await ReadToEndAsync(answer);
        var requestId = answer.Headers.GetValues("x-request-id").Single();
        await Eventually.TrueAsync(async () => await shared.Gateway.FindUsageAsync(requestId) is not null, "the call is booked");
        await using var visitor = await shared.SignInAsync();

        await visitor.GoAsync($"/dashboard/admin/usage?by=Provider&account={account.Id}");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "sim", Exact = true })).ToBeVisibleAsync();
        await visitor.GoAsync("/dashboard/admin/reconciliation");
        await visitor.Button("Compare now").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("agree.")).ToBeVisibleAsync();
        var csv = await visitor.Page.APIRequest.GetAsync($"{shared.Gateway.Address}dashboard/admin/usage.csv?account={account.Id}");

        (await csv.TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2).And.Subject.Last().Should().Contain(requestId).And.Contain(account.Id.ToString());
    }

    private static async Task<Guid> CreateAccountAsync(Visitor visitor, string name, Words words)
    {
        await visitor.GoAsync("/dashboard/admin/accounts");
        await visitor.Button(words.Admin("Accounts.Create")).ClickAsync();
        await visitor.Page.Locator("[name='Input.Name']").FillAsync(name);
        await visitor.Button(words.Admin("Accounts.CreateNow")).ClickAsync();
        await Assertions.Expect(visitor.Heading(name)).ToBeVisibleAsync();
        return Guid.Parse(visitor.Page.Url.Split('/')[^1]);
    }

    private static async Task<HttpResponseMessage> CallAsync(HttpClient caller, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream = true, messages = new[] { new { role = "user", content = "Say hello" } } }, new MediaTypeHeaderValue("application/json")),
        };
        return await caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string> ReadToEndAsync(HttpResponseMessage answer) => await answer.Content.ReadAsStringAsync();

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
