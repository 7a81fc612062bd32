using System.Diagnostics;

namespace MixGateway.IntegrationTests.Quickstart;

/// <summary>An example of the public quick start: the file holds it word for word, and only address and key are put in.</summary>
internal static class Example
{
    private const string PublishedBaseUrl = "https://api.mixgateway.io/v1";
    private const string PublishedKey = "sk-xxxx";

    /// <summary>Runs an example and gives what it prints.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public static async Task<string> RunAsync(string program, string file, QuickstartGateway gateway, string? key = null)
    {
        var published = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Quickstart", file));
        published.Should().Contain(PublishedBaseUrl).And.Contain(PublishedKey);
        var folder = Directory.CreateTempSubdirectory("mixgateway-quickstart-").FullName;
        try
        {
            // Under a name of its own: Python would take a file called requests.py for the library.
            var path = Path.Combine(folder, "example" + Path.GetExtension(file));
            await File.WriteAllTextAsync(path, published
                .Replace(PublishedBaseUrl, new Uri(gateway.Gateway.Address, "v1").ToString(), StringComparison.Ordinal)
                .Replace(PublishedKey, key ?? gateway.Account.Key, StringComparison.Ordinal));
            return await RunAsync(program, path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, string path)
    {
        var start = new ProcessStartInfo(program, [path]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await errors}{await output}");
    }
}
