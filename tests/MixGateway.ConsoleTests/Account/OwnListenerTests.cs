using System.Net;
using System.Text;
using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests.Account;

/// <summary>A console on a listener of its own names the callers' addresses, and its playground works there.</summary>
public sealed class OwnListenerTests
{
    [Fact]
    public async Task Console_OnItsOwnListener_NamesTheCallersAddressAndItsPlaygroundAnswers()
    {
        var port = FreePort.Find();
        await using var provider = await TalkingProvider.StartAsync();
        await using var gateway = await TestGateway.StartAsync(
            $"Management:Urls=http://127.0.0.1:{port}", $"Providers:talk:BaseUrl={provider.BaseAddress}", "Providers:talk:Models:deepseek-chat:InputPrice=1", "Providers:talk:Models:deepseek-chat:OutputPrice=2");
        gateway.Admin.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        await using var visitor = await Visitor.OpenAsync(gateway, address: gateway.Admin.BaseAddress);
        await visitor.RegisterAsync();
        await SampleUser.CreditAsync(gateway, visitor);

        await visitor.GoAsync("/dashboard/quick-start");
        await Assertions.Expect(visitor.Page.Locator("#base-url")).ToHaveTextAsync($"{gateway.Address}v1");
        await visitor.GoAsync("/dashboard/keys/new");
        await visitor.Field("Name").FillAsync("First");
        await visitor.Button("Create key").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#code-0")).ToContainTextAsync($"curl {gateway.Address}v1/chat/completions");

        await visitor.GoAsync("/dashboard/playground");
        await visitor.Field("Message").FillAsync("Go on");
        await visitor.Button("Send").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".talk-answer")).ToContainTextAsync("Measure before you choose.");
        await Assertions.Expect(visitor.Page.Locator(".talk-facts")).ToContainTextAsync("Cost");
    }

    /// <summary>The way in is for the playground's own calls, on the console's listener, and asks for a key like any other.</summary>
    [Fact]
    public async Task PlaygroundPath_WithoutAKeyOrOnTheCallersListener_IsRefused()
    {
        var port = FreePort.Find();
        await using var gateway = await TestGateway.StartAsync($"Management:Urls=http://127.0.0.1:{port}");
        var path = new Uri("/dashboard/playground/v1/chat/completions", UriKind.Relative);

        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var withoutKey = await gateway.Client.PostAsync(new Uri(new Uri($"http://127.0.0.1:{port}"), path), content);
        using var elsewhere = await gateway.Client.PostAsync(path, content);

        withoutKey.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        elsewhere.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ApiUrl_Configured_IsWhatCallersAreTold()
    {
        await using var gateway = await TestGateway.StartAsync("Console:ApiUrl=https://api.example.com/");
        await using var visitor = await Visitor.OpenAsync(gateway);
        await visitor.RegisterAsync();

        await visitor.GoAsync("/dashboard/quick-start");

        await Assertions.Expect(visitor.Page.Locator("#base-url")).ToHaveTextAsync("https://api.example.com/v1");
    }
}
