using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Crash;

/// <summary>A replica that dies and comes back, at another address each time.</summary>
internal sealed class FaultGateway(IReadOnlyList<string> settings) : IAsyncDisposable
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
        _process = GatewayProcess.Start("Production", [.. settings, $"--Data:Path={_data.FullName}"]);
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
