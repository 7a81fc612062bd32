namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>A gateway that the tests of one class share, with an administrator to sign in as, and models as a real one has them, which talk.</summary>
public sealed class AdministratorGateway : SharedGateway
{
    public const string Email = "admin@example.com";

    private TalkingProvider _provider = null!;

    /// <inheritdoc/>
    public override async Task InitializeAsync()
    {
        _provider = await TalkingProvider.StartAsync();
        Gateway = await TestGateway.StartAsync(
        [
            $"Bootstrap:AdminEmail={Email}",
            $"Bootstrap:AdminPassword={Visitor.Password}",
            "Console:SignInsPerMinute=1000",
            "Console:OpenIdConnect:Authority=http://127.0.0.1:9",
            "Console:OpenIdConnect:ClientId=mixgateway",
            "Console:OpenIdConnect:DisplayName=Example SSO",
            .. Provider("talk", _provider.BaseAddress, "OnDisconnect=Drain", "DrainTimeout=00:00:02"),
            .. Models(_provider.BaseAddress),
        ]);
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _provider.DisposeAsync();
    }

    /// <summary>A browser in which the administrator is signed in.</summary>
    internal async Task<Visitor> SignInAsync(string locale = "en-US", bool dark = false, int width = 1280, int height = 900)
    {
        var visitor = await Visitor.OpenAsync(Gateway, locale, dark, width, height);
        await visitor.SignInAsync(Email);
        return visitor;
    }

    private static string[] Models(Uri address) =>
    [
        .. Model("deepseek", TalkingProvider.Markdown, address, "InputPrice=0.28", "CachedInputPrice=0.028", "OutputPrice=0.42", "ContextLength=131072", "MaxOutputTokens=8192", "Purchase:InputPrice=0.2", "Purchase:OutputPrice=0.3"),
        .. Model("openai", TalkingProvider.Brief, address, "InputPrice=0.25", "CachedInputPrice=0.025", "OutputPrice=2", "ContextLength=400000", "MaxOutputTokens=128000", "Tiers:0:AbovePromptTokens=200000", "Tiers:0:InputPrice=0.5", "Tiers:0:OutputPrice=4"),
        .. Model("anthropic", "claude-haiku-4.5", address, "InputPrice=1", "CachedInputPrice=0.1", "CacheWritePrice=1.25", "OutputPrice=5", "ContextLength=200000", "MaxOutputTokens=64000"),
        $"Aliases:smart:0=deepseek:{TalkingProvider.Markdown}",
        $"Aliases:smart:1=openai:{TalkingProvider.Brief}",
    ];

    private static string[] Model(string provider, string model, Uri address, params string[] settings) =>
        [$"Providers:{provider}:BaseUrl={address}", $"Providers:{provider}:ApiKey=upstream-secret-{provider}", .. settings.Select(setting => $"Providers:{provider}:Models:{model}:{setting}")];
}
