using Microsoft.Playwright;
using MixGateway.ConsoleTests.Fixtures;

namespace MixGateway.ConsoleTests;

/// <summary>Everything by keyboard: no pointer is touched here.</summary>
public sealed class KeyboardTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Key_ByKeyboardAlone_IsMadeShownAndRevoked()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();

        await visitor.GoAsync("/dashboard/keys");
        await SkipToContentAsync(visitor);
        await PressAsync(visitor, "Tab");
        await Assertions.Expect(visitor.Link("Create a key").First).ToBeFocusedAsync();
        await PressAsync(visitor, "Enter");
        await visitor.Page.WaitForURLAsync("**/dashboard/keys/new");

        await SkipToContentAsync(visitor);
        await PressAsync(visitor, "Tab", "Tab");
        await Assertions.Expect(visitor.Field("Name")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.TypeAsync("Keyboard");
        await PressAsync(visitor, "Tab", "Enter");
        await Assertions.Expect(visitor.Field("Requests per minute")).ToBeVisibleAsync();
        await PressAsync(visitor, "Shift+Tab", "Enter");
        await Assertions.Expect(visitor.Heading("Key created")).ToBeVisibleAsync();

        var curl = visitor.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "curl" });
        await curl.FocusAsync();
        await PressAsync(visitor, "ArrowRight");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Tab, new PageGetByRoleOptions { Name = "Python" })).ToBeFocusedAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Tabpanel, new PageGetByRoleOptions { Name = "Python" })).ToContainTextAsync("from openai import OpenAI");

        await visitor.GoAsync("/dashboard/keys");
        await visitor.Link("Keyboard").FocusAsync();
        await PressAsync(visitor, "Enter");
        await visitor.Button("Revoke key").FocusAsync();
        await PressAsync(visitor, "Enter");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await PressAsync(visitor, "Escape");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(visitor.Button("Revoke key")).ToBeFocusedAsync();
        await PressAsync(visitor, "Enter");
        await visitor.Button("Revoke for good").FocusAsync();
        await PressAsync(visitor, "Enter");
        await Assertions.Expect(visitor.Page.GetByText("The key is revoked.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Menus_ByKeyboard_OpenCloseAndChange()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway);
        await visitor.RegisterAsync();

        var menu = visitor.Page.Locator(".side-foot summary").First;
        await menu.FocusAsync();
        await PressAsync(visitor, "Enter");
        await Assertions.Expect(visitor.Button("简体中文")).ToBeVisibleAsync();
        await PressAsync(visitor, "Escape");
        await Assertions.Expect(visitor.Button("简体中文")).ToBeHiddenAsync();
        await Assertions.Expect(menu).ToBeFocusedAsync();
        await PressAsync(visitor, "Enter", "Tab", "Enter");
        await Assertions.Expect(visitor.Heading("概览")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task MenuOfAPhone_ByKeyboard_IsADialogThatEscapeCloses()
    {
        await using var visitor = await Visitor.OpenAsync(shared.Gateway, width: 360, height: 700);
        await visitor.RegisterAsync();

        await visitor.Button("Menu").FocusAsync();
        await PressAsync(visitor, "Enter");
        await Assertions.Expect(visitor.Link("API keys")).ToBeVisibleAsync();
        await PressAsync(visitor, "Escape");
        await Assertions.Expect(visitor.Link("API keys")).ToBeHiddenAsync();
        await Assertions.Expect(visitor.Button("Menu")).ToBeFocusedAsync();
    }

    /// <summary>The first stop of every page is the way past its menu.</summary>
    private static async Task SkipToContentAsync(Visitor visitor)
    {
        await PressAsync(visitor, "Tab");
        await Assertions.Expect(visitor.Link("Skip to content")).ToBeFocusedAsync();
        await PressAsync(visitor, "Enter");
        await Assertions.Expect(visitor.Page.Locator("#content")).ToBeFocusedAsync();
    }

    private static async Task PressAsync(Visitor visitor, params string[] keys)
    {
        foreach (var key in keys)
        {
            await visitor.Page.Keyboard.PressAsync(key);
        }
    }
}
