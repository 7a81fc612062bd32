using System.Net;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Forwarding;

public sealed class CatalogReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mixgateway-settings-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Price_ThatIsChangedInTheFile_AppliesToTheNextCallAndLeavesRunningOnesAlone()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+prompt=10+stall=1:3000", stream: true, provider: "file"));
        await caller.ReadUntilAsync("\"finish_reason\":");

        Write(gateway.Upstream.BaseAddress, """ "OutputPrice": 7 """);
        await Eventually.TrueAsync(async () => await CostAsync(account) == "0.000031", "a call at the new price: 10 x 1 + 3 x 7");
        caller.Received.Should().NotContain("[DONE]", "the first stream is still running");
        await caller.ReadUntilAsync("data: [DONE]\n\n");

        (await StreamAsync(account)).Should().BeEquivalentTo(new { Status = "completed", Cost = "0.000016" });
    }

    [Fact]
    public async Task Provider_ThatIsRemovedFromTheFile_IsGoneForTheNextCallAndLetsRunningOnesEnd()
    {
        await using var gateway = await StartAsync();
        var account = await gateway.CreateAccountAsync();
        using var caller = await RawCaller.PostAsync(account, Calls.ChatBody("sim+chunks=3+prompt=10+stall=1:3000", stream: true, provider: "file"));
        await caller.ReadUntilAsync("\"finish_reason\":");

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), "{}");
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await account.ChatAsync("sim", provider: "file");
                return response.StatusCode == HttpStatusCode.NotFound;
            },
            "the provider is gone");
        await caller.ReadUntilAsync("data: [DONE]\n\n");

        (await StreamAsync(account)).Status.Should().Be("completed");
    }

    private static Task<CallRecord> StreamAsync(TestAccount account) => Eventually.GetAsync(
        async () => (await account.UsageAsync()).Select(CallRecord.Of).SingleOrDefault(static record => record.Stream), "the stream's record");

    private static async Task<string> CostAsync(TestAccount account)
    {
        using var response = await account.ChatAsync("sim+chunks=3+prompt=10", provider: "file");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return CallRecord.Of((await account.Gateway.FindUsageAsync(response.RequestId()))!.Value).Cost;
    }

    private Task<TestGateway> StartAsync() => TestGateway.StartWithAsync(upstream =>
    {
        Write(upstream.BaseAddress, """ "OutputPrice": 2 """);
        return [$"contentRoot={_folder.FullName}"];
    });

    private void Write(Uri upstream, string price) => File.WriteAllText(
        Path.Combine(_folder.FullName, "appsettings.json"),
        $$"""{"Providers":{"file":{"BaseUrl":"{{upstream}}","Models":{"*":{"InputPrice":1,{{price}} } } } } }""");
}
