using System.Text.Json;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Diagnostics;

/// <summary>A gateway's log as JSON lines in a file, beside what it writes to its terminal.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-log-");

    /// <summary>For <see cref="TestGateway"/>.</summary>
    public string[] Settings =>
    [
        "Serilog:MinimumLevel:Default=Fatal",
        "Serilog:MinimumLevel:Override:MixGateway.Forwarding.CallLog=Information",
        "Serilog:WriteTo:0:Name=File",
        $"Serilog:WriteTo:0:Args:path={Path.Combine(_folder.FullName, "log")}",
        "Serilog:WriteTo:0:Args:formatter=Serilog.Formatting.Compact.CompactJsonFormatter, Serilog.Formatting.Compact",
    ];

    public string Text
    {
        get
        {
            using var reader = new StreamReader(new FileStream(Path.Combine(_folder.FullName, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
    }

    /// <summary>Waits for a line of an event about a call.</summary>
    public Task<string> AwaitAsync(string eventName, string requestId) => Eventually.GetAsync(
        () => Task.FromResult(Array.Find(Text.Split('\n'), line => line.Contains($"\"{eventName}\"", StringComparison.Ordinal) && line.Contains(requestId, StringComparison.Ordinal))),
        $"{eventName} of {requestId}");

    public async Task<JsonElement> AwaitJsonAsync(string eventName, string requestId) => JsonSerializer.Deserialize<JsonElement>(await AwaitAsync(eventName, requestId));

    public void Dispose() => _folder.Delete(recursive: true);
}
