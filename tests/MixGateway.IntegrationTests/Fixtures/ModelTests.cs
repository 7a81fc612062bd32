using Microsoft.Extensions.DependencyInjection;
using MixGateway.Catalog;
using MixGateway.Forwarding;

namespace MixGateway.IntegrationTests.Fixtures;

/// <summary>The console's test of a model, without the console.</summary>
internal static class ModelTests
{
    public static async Task<ModelTest> TestModelAsync(this TestGateway gateway, string model)
    {
        gateway.Services.GetRequiredService<CatalogStore>().Current.TryResolve(model, out var found).Should().BeTrue();
        return await Eventually.GetAsync(() => gateway.Services.GetRequiredService<ModelTester>().TryRunAsync(found[0], CancellationToken.None), "the end of another test");
    }

    /// <summary>What the operator reads of a provider's last failure.</summary>
    public static async Task<string> LastErrorAsync(this TestGateway gateway, string provider) =>
        (await gateway.GetAsync($"/api/v1/providers/{provider}")).GetProperty("destinations")[0].GetProperty("lastErrors")[0].GetProperty("message").GetString()!;
}
