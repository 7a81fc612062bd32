using System.Net;
using System.Net.Http.Json;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Account;

/// <summary>What a person does first, in each language: register, create a key, call, look at the bill, revoke.</summary>
public sealed class FirstFiveMinutesTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Theory]
    [InlineData("en-US", "Create key", "Revoke key", "Revoke for good", "Completed")]
    [InlineData("zh-CN", "创建密钥", "吊销密钥", "永久吊销", "已完成")]
    public async Task Person_WhoRegisters_CallsSeesTheBillAndRevokes(string locale, string create, string revoke, string revokeNow, string completed)
    {
        var gateway = shared.Gateway;
        await using var visitor = await Visitor.OpenAsync(gateway, locale);
        await visitor.RegisterAsync();
        var accountId = await SampleUser.AccountOfAsync(gateway, visitor.Email);
        await gateway.PostAsync($"/api/v1/accounts/{accountId}/credits", new { amount = "5", note = "test", idempotencyKey = Guid.NewGuid().ToString() });

        await visitor.GoAsync("/dashboard/keys/new");
        await visitor.Page.Locator("[name='Input.Name']").FillAsync("First");
        await visitor.Button(create).ClickAsync();
        var key = await visitor.Page.Locator("#new-key").InnerTextAsync();

        using var caller = gateway.NewClient(key);
        using var answer = await caller.PostAsJsonAsync("/v1/chat/completions", new { model = "sim:fast", messages = new[] { new { role = "user", content = "Hello" } } });
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var requestId = answer.Headers.GetValues("x-request-id").Single();
        await Eventually.TrueAsync(async () => await gateway.FindUsageAsync(requestId) is not null, "the call is booked");

        await visitor.GoAsync($"/dashboard/requests?id={requestId}");
        await Assertions.Expect(visitor.Page.Locator("main .badge").First).ToHaveTextAsync(completed);
        await visitor.GoAsync("/dashboard");
        await Assertions.Expect(visitor.Page.Locator("main table").Last).ToContainTextAsync("sim:fast");

        await visitor.GoAsync("/dashboard/keys");
        await visitor.Link("First").ClickAsync();
        await visitor.Button(revoke).ClickAsync();
        await visitor.Button(revokeNow).ClickAsync();
        await visitor.Page.WaitForURLAsync("**/dashboard/keys");
        using var refused = await caller.GetAsync("/v1/models");
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Playground_OfAMember_StreamsAnAnswerAndShowsItsCost()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        await SampleUser.FillAsync(shared.Gateway, visitor);

        await visitor.GoAsync("/dashboard/playground");
        await visitor.Field("Model").FillAsync("sim:fast");
        await visitor.Field("Message").FillAsync("Say something");
        await visitor.Button("Send").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator(".talk-answer p").First).Not.ToBeEmptyAsync();
        await Assertions.Expect(visitor.Page.Locator(".talk")).ToContainTextAsync("Cost 0.0000");
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
        await visitor.Field("Allowed addresses").FillAsync("nowhere");
        await visitor.Button("Create key").ClickAsync();

        await Assertions.Expect(visitor.Field("Requests per minute")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(visitor.Page.Locator(".field .error").First).ToHaveTextAsync("A whole number from 1 on.");
    }
}
