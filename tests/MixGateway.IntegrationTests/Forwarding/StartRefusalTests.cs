using System.Diagnostics;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>The real process, with settings that it cannot start with.</summary>
public sealed class StartRefusalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-start-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Catalog_WithThreeMistakes_EndsWithAllThreePaths()
    {
        var (code, errors) = await RunAsync(
            "--Providers:a:BaseUrl=ftp://example.com", "--Providers:b:BaseUrl=http://127.0.0.1:1/v1", "--Providers:b:Models:m:InputPrice=-1",
            "--Providers:b:Models:m:OutputPrice=2", "--Providers:b:FirstByteTimeot=00:00:01");

        code.Should().Be(1);
        errors.Should().ContainAll("Providers:a:BaseUrl", "Providers:b:Models:m:InputPrice", "Providers:b:FirstByteTimeot").And.NotContain("   at ");
    }

    [Fact]
    public async Task Options_WithThreeMistakesInSeveralSections_EndWithAllThreePaths()
    {
        var (code, errors) = await RunAsync("--Limits:MaxRequestBody=0", "--Quotas:SettleTimeout=00:00:00", "--Billing:TimeZone=Atlantis/Deep");

        code.Should().Be(1);
        errors.Should().ContainAll("Limits:MaxRequestBody", "Quotas:SettleTimeout", "Billing:TimeZone").And.NotContain("   at ");
    }

    [Fact]
    public async Task Mistakes_OfCatalogAndOptions_AreToldTogether()
    {
        var (code, errors) = await RunAsync("--Limits:MaxRequestBody=0", "--Providers:a:BaseUrl=ftp://example.com", "--ShutdownTimeout=never");

        code.Should().Be(1);
        errors.Should().ContainAll("Limits:MaxRequestBody", "Providers:a:BaseUrl", "ShutdownTimeout").And.NotContain("   at ");
    }

    [Fact]
    public async Task Address_ThatIsTaken_EndsWithAMessage()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();

        var (code, errors) = await RunAsync($"--urls=http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}");

        code.Should().Be(1);
        errors.Should().Contain("address already in use").And.NotContain("   at ");
    }

    private async Task<(int Code, string Errors)> RunAsync(params string[] settings)
    {
        var gateway = typeof(Program).Assembly.Location;
        string[] defaults = ["--environment=Production", "--urls=http://127.0.0.1:0", $"--Data:Path={_folder.FullName}"];
        var start = new ProcessStartInfo("dotnet", [gateway, .. defaults, .. settings])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.FullName,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            process.Kill();
        }

        await output;
        return (process.ExitCode, await errors);
    }
}
