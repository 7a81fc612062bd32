using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Account;

/// <summary>What was used, as the account's members and everybody else see it.</summary>
public sealed class UsageTests(AdministratorGateway shared) : IClassFixture<AdministratorGateway>
{
    [Fact]
    public async Task Usage_Filtered_KeepsItsFilterInTheAddressAndSumsByWhatIsChosen()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        await SampleMonth.BookAsync(shared.Gateway, sample.AccountId, sample.KeyId);

        await visitor.GoAsync("/dashboard/usage");
        await visitor.Field("Period").SelectOptionAsync("7");
        await visitor.Page.WaitForURLAsync("**/dashboard/usage?**days=7**");
        await visitor.Field("Model").SelectOptionAsync("openai:gpt-5-mini");
        await visitor.Page.WaitForURLAsync("**model=openai*");
        await visitor.Link("Tokens").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Sum by" }).GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "Model" }).ClickAsync();

        await Assertions.Expect(visitor.Heading("Model by model")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator("main .table-wrap tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Heading("Tokens a day")).ToBeVisibleAsync();
        var address = visitor.Page.Url;
        await visitor.GoAsync("/dashboard");
        await visitor.GoAsync(address);
        await Assertions.Expect(visitor.Field("Period")).ToHaveValueAsync("7");
        await Assertions.Expect(visitor.Field("Model")).ToHaveValueAsync("openai:gpt-5-mini");

        await visitor.Field("Period").SelectOptionAsync("custom");
        await visitor.Field("From").FillAsync("2001-02-03");
        await visitor.Field("To").FillAsync("2001-02-04");
        await visitor.Button("Apply").ClickAsync();
        await Assertions.Expect(visitor.Heading("No calls in this period")).ToBeVisibleAsync();
        visitor.Page.Url.Should().Contain("from=2001-02-03").And.Contain("to=2001-02-04");
    }

    [Fact]
    public async Task Csv_OfTheFilter_HasEachOfItsCallsAndNoOther()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        await SampleMonth.BookAsync(shared.Gateway, sample.AccountId, sample.KeyId);

        await visitor.GoAsync("/dashboard/usage?days=90&model=deepseek:deepseek-chat");
        var requests = int.Parse((await visitor.Page.Locator(".stat dd").Nth(1).InnerTextAsync()).Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
        var download = await visitor.Page.RunAndWaitForDownloadAsync(() => visitor.Link("Download CSV").ClickAsync());

        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        lines[0].Should().StartWith("\"started_at\",\"request_id\",\"key_id\",\"model\",");
        lines.Skip(1).Should().HaveCount(requests).And.OnlyContain(line => line.Contains(",\"deepseek:deepseek-chat\",", StringComparison.Ordinal));
        requests.Should().BeGreaterThan(50);
    }

    [Fact]
    public async Task Models_ForWhoIsNotSignedIn_AreFoundWithEveryPriceAndCopied()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);

        await visitor.GoAsync("/models");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Cell, new PageGetByRoleOptions { Name = "deepseek:deepseek-chat → openai:gpt-5-mini" })).ToBeVisibleAsync();
        await visitor.Field("Search").FillAsync("GPT");
        await visitor.Button("Find").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator("main table").First.Locator("tbody tr")).ToHaveCountAsync(1);
        await visitor.Page.GetByText("More prices").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Prompts of more than 200,000 tokens: input 0.5, cached 0.5, output 4")).ToBeVisibleAsync();
        await visitor.Button("Copy openai:gpt-5-mini").ClickAsync();
        (await visitor.Page.EvaluateAsync<string>("navigator.clipboard.readText()")).Should().Be("openai:gpt-5-mini");
    }

    [Fact]
    public async Task Margin_OfAMonth_IsSummedByModelAndMissesNoCurrency()
    {
        await using var visitor = await shared.SignInAsync();
        var sample = await SampleUser.FillAsync(shared.Gateway, visitor);
        await SampleMonth.BookAsync(shared.Gateway, sample.AccountId, sample.KeyId);

        await visitor.GoAsync("/dashboard/admin/margin");

        await Assertions.Expect(visitor.Page.Locator(".stat dd.note").First).ToHaveTextAsync("30.0% of what came in");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row, new PageGetByRoleOptions { Name = "openai:gpt-5-mini" })).ToContainTextAsync("30.0%");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row, new PageGetByRoleOptions { Name = "sim:fast" })).ToContainTextAsync("–");
        await Assertions.Expect(visitor.Page.GetByText("Models without purchase prices: 4.")).ToBeVisibleAsync();
    }
}
