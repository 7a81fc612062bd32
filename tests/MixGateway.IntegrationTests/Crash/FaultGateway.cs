using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>A replica that dies and comes back, at another address each time.</summary>
/// <param name="trusted">The file of the certificates that it trusts.</param>
internal sealed class FaultGateway(IReadOnlyList<string> settings, string trusted) : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mixgateway-faults-");
    private GatewayProcess _process = null!;
    private volatile Uri _address = null!;

    /// <summary>The last one that it answered at.</summary>
    public Uri Address => _address;

    /// <summary>What this life of it has said.</summary>
    public string Output => _process.Output;

    public async Task StartAsync()
    {
        _process = GatewayProcess.StartFrom(
            GatewayProcess.Folder,
            userId: null,
            new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Production", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["SSL_CERT_FILE"] = trusted },
            [.. settings, $"--Data:Path={_data.FullName}"]);
        _address = await _process.AddressAsync();
    }

    public async Task KillAsync()
    {
        await _process.KillAsync();
        await _process.DisposeAsync();
    }

    public Task PauseAsync() => _process.PauseAsync();

    public Task ResumeAsync() => _process.ResumeAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
