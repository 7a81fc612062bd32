using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Account;

/// <summary>Talking to models in the console.</summary>
public sealed class PlaygroundTests(AdministratorGateway shared) : IClassFixture<AdministratorGateway>
{
    [Fact]
    public async Task Models_BesideEachOther_AnswerInMarkdownWithTheirTimesAndCosts()
    {
        await using var visitor = await OpenPlaygroundAsync("deepseek:deepseek-chat", "talk:hostile", "nobody:nothing");

        await visitor.Field("Message").FillAsync("How do I read a file?");
        await visitor.Field("Message").PressAsync("Enter");

        var first = Column(visitor, "deepseek:deepseek-chat");
        await Assertions.Expect(first.GetByRole(AriaRole.Heading, new LocatorGetByRoleOptions { Name = "Three ways to read a file" })).ToBeVisibleAsync();
        await Assertions.Expect(first.Locator("ol > li")).ToHaveCountAsync(2);
        await Assertions.Expect(first.Locator("ol > li > ul > li")).ToHaveTextAsync(["it opens the file once", "it needs no memory"]);
        await Assertions.Expect(first.Locator("tbody td")).ToHaveTextAsync(["ReadLines", "small", "fast", "ReadAllText", "all", "slow fast"]);
        await Assertions.Expect(first.Locator("pre code")).ToContainTextAsync("    Console.WriteLine(line);");
        await Assertions.Expect(first.Locator("blockquote")).ToHaveTextAsync("Measure before you choose.");
        await Assertions.Expect(first.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "guide" })).ToHaveAttributeAsync("rel", "noopener noreferrer nofollow");
        await Assertions.Expect(first.Locator(".thoughts")).ToContainTextAsync("The reader wants a short answer.");
        foreach (var fact in new[] { "First token", "Duration", "Tokens", "Cost 0.000" })
        {
            await Assertions.Expect(first.Locator(".talk-facts")).ToContainTextAsync(fact);
        }

        await Assertions.Expect(Column(visitor, "nobody:nothing").Locator(".talk-error")).ToContainTextAsync("It failed: The model 'nobody:nothing' is not configured here.");
        await first.GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Details" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("deepseek:deepseek-chat")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Answer_OfAHostileModel_IsTextAndNeverHtml()
    {
        await using var visitor = await OpenPlaygroundAsync("talk:hostile");

        await visitor.Field("Message").FillAsync("Go on");
        await visitor.Button("Send").ClickAsync();

        var answer = Column(visitor, "talk:hostile").Locator(".talk-answer");
        await Assertions.Expect(answer).ToContainTextAsync("<script>document.title = 'taken'</script> and <img src=x");
        await Assertions.Expect(answer.Locator("code")).ToHaveTextAsync("<b>code</b>");
        (await answer.Locator("a").EvaluateAllAsync<string[]>("links => links.map(link => link.href)")).Should().Equal("https://example.com/?a=1&b=2");
        await Assertions.Expect(answer.Locator("script, img, b")).ToHaveCountAsync(0);
        (await visitor.Page.TitleAsync()).Should().NotBe("taken");
    }

    [Fact]
    public async Task Sentences_OfAStream_AreToldToScreenReadersOnceEach()
    {
        await using var visitor = await OpenPlaygroundAsync("deepseek:deepseek-chat");

        await visitor.Field("Message").FillAsync("Go on");
        await visitor.Button("Send").ClickAsync();

        var log = visitor.Page.GetByRole(AriaRole.Log);
        await Assertions.Expect(log.Locator("p").Last).ToContainTextAsync("Measure before you choose.");
        var told = await log.InnerTextAsync();
        told.Split("piece by piece").Should().HaveCount(2, "it was told once").And.Subject.Should().NotContain(part => part.Contains("**", StringComparison.Ordinal));
        await Assertions.Expect(visitor.Page.Locator("#live")).ToContainTextAsync("deepseek:deepseek-chat: Duration");
        await Assertions.Expect(visitor.Page.Locator(".talk-answer[aria-busy]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task StopButton_OfARunningAnswer_EndsItAndWhatWasDeliveredIsBilled()
    {
        await using var visitor = await OpenPlaygroundAsync("talk:endless", "deepseek:deepseek-chat");

        await visitor.Field("Message").FillAsync("Think");
        await visitor.Button("Send").ClickAsync();
        await Assertions.Expect(Column(visitor, "talk:endless")).ToContainTextAsync("I begin to think about it.");
        await Assertions.Expect(Column(visitor, "deepseek:deepseek-chat").Locator(".talk-facts")).ToContainTextAsync("Cost");
        await visitor.Button("Stop: talk:endless").ClickAsync();

        await Assertions.Expect(Column(visitor, "talk:endless")).ToContainTextAsync("Stopped.");
        await Assertions.Expect(Column(visitor, "talk:endless").Locator(".talk-facts")).ToContainTextAsync("Cost 0.0000");
        await Assertions.Expect(visitor.Button("Send")).ToBeEnabledAsync();
        await visitor.GoAsync("/dashboard/requests?status=Aborted");
        await Assertions.Expect(visitor.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await visitor.GoAsync("/dashboard/requests?status=Failed");
        await Assertions.Expect(visitor.Heading("No calls in this period")).ToBeVisibleAsync();
    }

    /// <summary>Somebody with a balance, at the playground.</summary>
    private async Task<Visitor> OpenPlaygroundAsync(params string[] models)
    {
        var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        await SampleUser.CreditAsync(shared.Gateway, visitor);
        await visitor.GoAsync("/dashboard/playground");
        await SampleUser.ChooseAsync(visitor, models);
        return visitor;
    }

    private static ILocator Column(Visitor visitor, string model) => visitor.Page.GetByRole(AriaRole.Region, new PageGetByRoleOptions { Name = model, Exact = true });
}
