using Microsoft.Playwright;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>What keeps a visitor's passkeys: the browser's own virtual authenticator, which always finds the right finger.</summary>
internal sealed class Authenticator
{
    private readonly ICDPSession _browser;
    private readonly string _id;

    private Authenticator(ICDPSession browser, string id) => (_browser, _id) = (browser, id);

    /// <param name="suggests">False is a browser that offers passkeys only when a page asks for them.</param>
    public static async Task<Authenticator> AddAsync(Visitor visitor, bool suggests)
    {
        if (!suggests)
        {
            await visitor.Page.AddInitScriptAsync("delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable");
        }

        var browser = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        await browser.SendAsync("WebAuthn.enable");
        var added = await browser.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new
            {
                protocol = "ctap2",
                transport = "internal",
                hasResidentKey = true,
                hasUserVerification = true,
                isUserVerified = true,
                automaticPresenceSimulation = true,
            },
        });
        return new Authenticator(browser, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    public async Task<int> CountAsync() =>
        (await _browser.SendAsync("WebAuthn.getCredentials", new Dictionary<string, object> { ["authenticatorId"] = _id }))!.Value.GetProperty("credentials").GetArrayLength();
}
