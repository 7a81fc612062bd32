using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Account;

/// <summary>What a person does first, in each language: register, redeem a code, create a key, call, look at the bill, revoke.</summary>
public sealed class FirstFiveMinutesTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("en-US")]
    [InlineData("zh-CN")]
    public async Task Person_WhoRegisters_RedeemsCallsSeesTheBillAndRevokes(string locale)
    {
        var gateway = shared.Gateway;
        var words = new Words(locale);
        var code = (await gateway.PostAsync("/api/v1/redemption-codes", new { amount = "5", count = 1 })).GetProperty("codes")[0].GetProperty("code").GetString()!;
        await using var visitor = await Visitor.OpenAsync(gateway, locale);
        await visitor.RegisterAsync();
        await Assertions.Expect(visitor.Heading(words.Account("Steps.Title"))).ToBeVisibleAsync();

        await visitor.Link(words.Account("Overview.TopUp")).ClickAsync();
        await visitor.Field(words.Billing("Redeem.Code")).FillAsync(code);
        await visitor.Button(words.Billing("Redeem.Submit")).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText(words.Billing("Redeem.Done", "5", "USD"))).ToBeVisibleAsync();

        await visitor.GoAsync("/dashboard");
        await visitor.Link(words.Account("Keys.New")).Last.ClickAsync();
        await visitor.Field(words.Account("Key.Name")).FillAsync("First");
        await visitor.Button(words.Account("Key.Create")).ClickAsync();
        var key = await visitor.Page.Locator("#new-key").InnerTextAsync();
        await Assertions.Expect(visitor.Page.Locator("#code-0")).ToContainTextAsync($"Bearer {key}");

        using var caller = gateway.NewClient(key);
        using var answer = await caller.PostAsJsonAsync("/v1/chat/completions", new { model = "sim:fast+prompt=100000+completion=200000", messages = new[] { new { role = "user", content = "Hello" } } });
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var requestId = answer.Headers.GetValues("x-request-id").Single();
        await Eventually.TrueAsync(async () => await gateway.FindUsageAsync(requestId) is not null, "the call is booked");

        await visitor.GoAsync("/dashboard");
        await Assertions.Expect(visitor.Page.Locator(".stat dd").First).ToHaveTextAsync("4.50 USD");
        await Assertions.Expect(visitor.Page.Locator("main table").Last).ToContainTextAsync("sim:fast");
        await visitor.GoAsync($"/dashboard/requests?id={requestId}");
        await Assertions.Expect(visitor.Page.Locator("main .badge").First).ToHaveTextAsync(words.Account("CallStatus.Completed"));
        await Assertions.Expect(visitor.Page.Locator("main")).ToContainTextAsync("0.5 USD");
        foreach (var phase in new[] { "Admission", "FirstToken", "Answer", "Settlement" })
        {
            await Assertions.Expect(visitor.Page.Locator(".phase-list")).ToContainTextAsync(words.Account($"Phase.{phase}"));
        }

        (await visitor.Page.GetByRole(AriaRole.Img).GetAttributeAsync("aria-label")).Should().Contain(words.Account("Phase.Settlement"));

        await visitor.GoAsync("/dashboard/keys");
        await Assertions.Expect(visitor.Page.Locator("tbody tr")).ToContainTextAsync("0.5000 USD");
        await visitor.Link("First").ClickAsync();
        await visitor.Button(words.Account("Key.Revoke")).ClickAsync();
        await visitor.Button(words.Account("Key.RevokeNow")).ClickAsync();
        await visitor.Page.WaitForURLAsync("**/dashboard/keys");
        using var refused = await caller.GetAsync("/v1/models");
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        await Assertions.Expect(visitor.Heading(words.Account("Keys.Empty"))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Key_WithLimitsThatAreNone_IsRefusedFieldByField()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();

        await visitor.GoAsync("/dashboard/keys/new");
        await visitor.Field("Name").FillAsync("Bad");
        await visitor.Page.GetByText("Limits", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await visitor.Field("Requests per minute").FillAsync("many");
        await visitor.Button("Create key").ClickAsync();

        await Assertions.Expect(visitor.Field("Requests per minute")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(visitor.Page.Locator(".field .error").First).ToHaveTextAsync("A whole number from 1 on.");
        await visitor.Field("Requests per minute").FillAsync("5");
        await visitor.Field("Allowed addresses").FillAsync("nowhere");
        await visitor.Button("Create key").ClickAsync();
        await Assertions.Expect(visitor.Field("Allowed addresses")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(visitor.Field("Requests per minute")).ToHaveValueAsync("5");
    }

    /// <summary>A key with every limit that there is, rotated so that the old one goes on for a while.</summary>
    [Fact]
    public async Task Key_WithEveryLimit_IsKeptEditedAndRotatedWithAnOverlap()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/keys/new");
        await visitor.Field("Name").FillAsync("Whole");
        await visitor.Page.GetByText("Limits", new PageGetByTextOptions { Exact = true }).ClickAsync();
        await visitor.Field("Spend limit in USD").FillAsync("2.5");
        await visitor.Field("Spend limit for").SelectOptionAsync("Day");
        await visitor.Field("Expires").FillAsync("2099-12-31");
        await visitor.Field("Requests per minute").FillAsync("60");
        await visitor.Field("Tokens per minute").FillAsync("10,000");
        await visitor.Field("Calls at the same time").FillAsync("3");
        await visitor.Field("Allowed models").FillAsync("sim:*\nopenai:gpt-5*");
        await visitor.Field("Allowed addresses").FillAsync("127.0.0.0/8");
        await visitor.Button("Create key").ClickAsync();
        var old = await visitor.Page.Locator("#new-key").InnerTextAsync();

        await visitor.Link("I have kept it").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("tbody tr")).ToContainTextAsync("2.50 USD a day · 60 requests/min · 10K tokens/min · 3 at a time · sim:*, openai:gpt-5* · 127.0.0.0/8");
        await visitor.Link("Whole").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("meter")).ToHaveAttributeAsync("value", "0");
        await visitor.Field("Requests per minute").FillAsync("90");
        await visitor.Button("Save").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Saved. It holds from the next call on.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Field("Requests per minute")).ToHaveValueAsync("90");
        await visitor.Field("The old key is taken for").SelectOptionAsync("1");
        await visitor.Button("Rotate key").ClickAsync();
        var fresh = await visitor.Page.Locator("#new-key").InnerTextAsync();

        fresh.Should().NotBe(old);
        foreach (var key in new[] { old, fresh })
        {
            using var caller = shared.Gateway.NewClient(key);
            using var models = await caller.GetAsync("/v1/models");
            models.StatusCode.Should().Be(HttpStatusCode.OK, "both are taken for an hour");
        }
    }
}
