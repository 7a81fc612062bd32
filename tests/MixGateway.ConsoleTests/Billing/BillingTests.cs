using Deque.AxeCore.Playwright;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;
using MixGateway.Payments;
using MixGateway.Storage;

namespace MixGateway.ConsoleTests.Billing;

/// <summary>Money, as people see it and bring it in.</summary>
public sealed class BillingTests
{
    private const string EPayKey = "epay-key-of-the-tests-0123456789";

    private static readonly string[] WithEPay =
    [
        "Console:PublicUrl=https://gateway.example", "Payments:EPay:Url=https://pay.example", "Payments:EPay:Pid=1001", $"Payments:EPay:Key={EPayKey}", "Payments:EPay:Rate=7.2",
    ];

    [Fact]
    public async Task Code_ThatAnAdministratorMade_IsRedeemedOnceAndSeenInTheLedger()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var administrator = await Visitor.OpenAsync(gateway);
        await administrator.RegisterAsync();
        await PromoteAsync(gateway, administrator.Email);
        await administrator.GoAsync("/dashboard/admin/codes");
        await administrator.Field("Worth of each (USD)").FillAsync("12.5");
        await administrator.Field("How many").FillAsync("3");
        await administrator.Page.Locator("[name='Input.Batch']").FillAsync("spring");
        await administrator.Button("Make codes").ClickAsync();
        var codes = (await administrator.Field("The codes").InputValueAsync()).Split('\n');
        codes.Should().HaveCount(3).And.OnlyHaveUniqueItems();

        await using var visitor = await Visitor.OpenAsync(gateway);
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/billing");
        await RedeemAsync(visitor, codes[0].ToLowerInvariant());
        await Assertions.Expect(visitor.Page.GetByText("12.5 USD were added to the balance.")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.Locator("dd").First).ToHaveTextAsync("12.5 USD");
        await RedeemAsync(visitor, "NO-SUCH-CODE");
        await Assertions.Expect(visitor.Page.GetByText("There is no such code.")).ToBeVisibleAsync();
        await visitor.GoAsync("/dashboard/billing/ledger?kind=Redemption");
        await Assertions.Expect(visitor.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Page.Locator("tbody td").Last).ToHaveTextAsync("12.5");
        await visitor.GoAsync("/dashboard/billing/ledger?kind=Usage");
        await Assertions.Expect(visitor.Heading("No entries")).ToBeVisibleAsync();

        await administrator.GoAsync("/dashboard/admin/codes?batch=spring&status=Active");
        await Assertions.Expect(administrator.Page.Locator("tbody tr")).ToHaveCountAsync(2);
        (await administrator.Page.ContentAsync()).Should().NotContain(codes[1], "a code is shown once");
        await administrator.Button("Revoke what is left of spring").ClickAsync();
        await Assertions.Expect(administrator.Page.GetByText("2 codes were revoked.")).ToBeVisibleAsync();
        await visitor.GoAsync("/dashboard/billing");
        await RedeemAsync(visitor, codes[1]);
        await Assertions.Expect(visitor.Page.GetByText("This code is good no more")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task CodesPage_ForWhoIsNoAdministrator_IsNotThere()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var visitor = await Visitor.OpenAsync(gateway);
        await visitor.RegisterAsync();

        await visitor.GoAsync("/dashboard/admin/codes");

        await Assertions.Expect(visitor.Button("Make codes")).ToHaveCountAsync(0);
        await Assertions.Expect(visitor.Link("Redemption codes")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task TopUp_ByEPay_LeadsToTheSiteAndCountsWhenItIsConfirmed()
    {
        await using var gateway = await TestGateway.StartAsync(WithEPay);
        await using var visitor = await Visitor.OpenAsync(gateway);
        await visitor.RegisterAsync();
        await visitor.GoAsync("/dashboard/billing");
        await visitor.Field("Amount (USD)").FillAsync("1");
        await visitor.Button("Continue").ClickAsync();
        await Assertions.Expect(visitor.Page.GetByText("Choose an amount and a way to pay that are offered.")).ToBeVisibleAsync();
        await visitor.Field("Amount (USD)").FillAsync("5");
        await visitor.Field("Way to pay").SelectOptionAsync("epay.wxpay");
        await visitor.Button("Continue").ClickAsync();

        await Assertions.Expect(visitor.Page.GetByText("5 USD for 36 CNY.")).ToBeVisibleAsync();
        var url = (await visitor.Link("Pay now").GetAttributeAsync("href"))!;
        url.Should().StartWith("https://pay.example/submit.php?pid=1001&type=wxpay&");
        var payment = await LatestAsync(gateway);
        await visitor.GoAsync($"/dashboard/billing?payment={payment}");
        await Assertions.Expect(visitor.Page.GetByText("is not confirmed yet")).ToBeVisibleAsync();
        (await NotifyAsync(gateway, payment)).Should().Be("success");
        await visitor.GoAsync($"/dashboard/billing?payment={payment}");
        await Assertions.Expect(visitor.Page.GetByText("Thank you: 5 USD")).ToBeVisibleAsync();
        await visitor.GoAsync("/dashboard/billing/payments");
        await Assertions.Expect(visitor.Page.Locator("tbody .badge")).ToHaveTextAsync("Paid");

        await using var stranger = await Visitor.OpenAsync(gateway);
        await stranger.RegisterAsync();
        await stranger.GoAsync($"/dashboard/billing?payment={payment}");
        await Assertions.Expect(stranger.Page.GetByText("Thank you")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("en-US", false, 1280)]
    [InlineData("en-US", true, 360)]
    [InlineData("zh-CN", false, 360)]
    [InlineData("zh-CN", true, 1280)]
    public async Task Pages_InEveryLook_FitAndAreAccessible(string locale, bool dark, int width)
    {
        await using var gateway = await TestGateway.StartAsync(WithEPay);
        await using var visitor = await Visitor.OpenAsync(gateway, locale, dark, width);
        await visitor.RegisterAsync();
        await PromoteAsync(gateway, visitor.Email);
        await FillAsync(gateway);

        foreach (var (name, path) in new[] { ("billing", "/dashboard/billing"), ("ledger", "/dashboard/billing/ledger"), ("payments", "/dashboard/billing/payments"), ("codes", "/dashboard/admin/codes") })
        {
            (await visitor.GoAsync(path)).Status.Should().Be(200, path);
            (await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(width, "{0} fits", path);
            (await visitor.Page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical")
                .Select(violation => $"{path}: {violation.Id} {string.Join(", ", violation.Nodes.Select(node => node.Html))}").Should().BeEmpty();
            if (Environment.GetEnvironmentVariable("MIXGATEWAY_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await visitor.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{locale}-{(dark ? "dark" : "light")}-{width}.png"), FullPage = true });
            }
        }
    }

    private static async Task RedeemAsync(Visitor visitor, string code)
    {
        await visitor.Field("Code").FillAsync(code);
        await visitor.Button("Redeem").ClickAsync();
    }

    /// <summary>A ledger, payments and codes to look at.</summary>
    private static async Task FillAsync(TestGateway gateway)
    {
        var account = (await gateway.GetAsync("/api/v1/accounts")).GetProperty("data")[0].GetProperty("id").GetGuid();
        await gateway.PostAsync($"/api/v1/accounts/{account}/credits", new { amount = "20", note = "Welcome to the gateway" });
        await gateway.PostAsync($"/api/v1/accounts/{account}/credits", new { amount = "-1.25", note = "Correction of a mistake" });
        await gateway.PostAsync($"/api/v1/accounts/{account}/payments", new { provider = "epay", amount = "5" });
        await NotifyAsync(gateway, await LatestAsync(gateway));
        await gateway.PostAsync($"/api/v1/accounts/{account}/payments", new { provider = "epay", amount = "100" });
        await gateway.PostAsync("/api/v1/redemption-codes", new { amount = "10", count = 3, batch = "spring-2026" });
    }

    private static async Task<Guid> LatestAsync(TestGateway gateway)
    {
        await using var database = await OpenAsync(gateway);
        return await database.Payments.OrderByDescending(payment => payment.Id).Select(payment => payment.Id).FirstAsync();
    }

    private static async Task<string> NotifyAsync(TestGateway gateway, Guid payment)
    {
        var parameters = new Dictionary<string, string>
        {
            ["pid"] = "1001",
            ["trade_no"] = $"T{payment:N}",
            ["out_trade_no"] = payment.ToString("N"),
            ["money"] = "36.00",
            ["trade_status"] = "TRADE_SUCCESS",
        };
        parameters["sign"] = EPaySignature.Of(parameters, EPayKey);
        using var form = new FormUrlEncodedContent(parameters);
        using var response = await gateway.Client.PostAsync(new Uri("/payments/epay/notify", UriKind.Relative), form);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task PromoteAsync(TestGateway gateway, string email)
    {
        await using var database = await OpenAsync(gateway);
        await database.Users.Where(user => user.Email == email).ExecuteUpdateAsync(user => user.SetProperty(row => row.IsAdministrator, true));
    }

    private static Task<GatewayDbContext> OpenAsync(TestGateway gateway) => gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
}
