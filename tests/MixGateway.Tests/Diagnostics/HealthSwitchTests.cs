using Microsoft.Extensions.Configuration;
using MixGateway.Diagnostics;

namespace MixGateway.Tests.Diagnostics;

public sealed class HealthSwitchTests
{
    [Theory]
    [InlineData(null, null, "http://localhost:8080/")]
    [InlineData("urls", "http://+:8080", "http://localhost:8080/")]
    [InlineData("urls", "http://*:80", "http://localhost/")]
    [InlineData("urls", "http://0.0.0.0:9000;https://0.0.0.0:9001", "http://localhost:9000/")]
    [InlineData("urls", "http://[::]:9000", "http://localhost:9000/")]
    [InlineData("urls", "http://10.0.0.7:9000", "http://10.0.0.7:9000/")]
    [InlineData("urls", "https://gateway.example:9443", "https://localhost:9443/")]
    [InlineData("http_ports", "8081;8082", "http://localhost:8081/")]
    [InlineData("https_ports", "8443", "https://localhost:8443/")]
    [InlineData("Kestrel:Endpoints:Public:Url", "https://*:8443", "https://localhost:8443/")]
    public void Address_OfAnyWayToSetIt_IsReachedFromThisMachine(string? key, string? value, string expected)
    {
        var settings = key is null ? [] : new Dictionary<string, string?> { [key] = value };

        HealthSwitch.AddressOf(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Should().Be(new Uri(expected));
    }

    [Fact]
    public async Task Gateway_ThatDoesNotAnswer_IsNotHealthy()
    {
        using var output = new StringWriter();

        // Port 1 is nobody's.
        (await HealthSwitch.RunAsync([HealthSwitch.Name, "--urls=http://127.0.0.1:1"], output)).Should().Be(1);

        output.ToString().Should().Contain("http://127.0.0.1:1/");
    }
}
