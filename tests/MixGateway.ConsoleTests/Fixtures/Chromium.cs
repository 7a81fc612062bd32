using Microsoft.Playwright;

namespace MixGateway.ConsoleTests.Fixtures;

/// <summary>One browser process for all tests; each test has a context of its own, with its own cookies.</summary>
internal static class Chromium
{
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-proxy-server", "--force-color-profile=srgb"];

    private static readonly Lazy<Task<IBrowser>> Browser = new(StartAsync);

    public static async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options) => await (await Browser.Value).NewContextAsync(options);

    private static async Task<IBrowser> StartAsync()
    {
        var command = await DebianPackages.EnsureAsync("chromium", ["chromium", "chromium-browser", "google-chrome"], "--version");
        var playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = PathOf(command), Args = Arguments, Headless = true });
    }

    /// <summary>Playwright does not look into PATH.</summary>
    private static string PathOf(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, command)).First(File.Exists);
}
