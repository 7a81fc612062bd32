using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>Where a call's time went, and what the provider takes for it, as its record says.</summary>
public sealed class CallTimingsTests
{
    private static readonly string[] Purchase = ["Providers:sim:Models:*:Purchase:InputPrice=0.5", "Providers:sim:Models:*:Purchase:OutputPrice=1"];

    [Theory]
    [InlineData(GatewayStores.Embedded, true)]
    [InlineData(GatewayStores.Embedded, false)]
    [InlineData(GatewayStores.Servers, true)]
    [InlineData(GatewayStores.Servers, false)]
    public async Task Record_OfACallThatEnded_TellsEachPhaseInItsOrder(GatewayStores stores, bool stream)
    {
        await using var set = await StoreSet.StartAsync(stores);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, .. Purchase]);
        var account = await gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync("sim+chunks=3+first=60+delay=20+prompt=10", stream);
        await answer.Content.ReadAsStringAsync();

        var record = await Eventually.GetAsync(() => FindAsync(gateway, answer.RequestId()), "the record");
        record.AdmissionMs.Should().BeInRange(0, record.FirstTokenMs!.Value - 45, "the provider lets wait for 60 ms after the admission");
        record.FirstTokenMs.Should().BeLessThanOrEqualTo(record.DurationMs);
        record.SettlementMs.Should().BeInRange(0, 5000);
        record.PurchaseCost.Should().Be(record.Cost / 2, "the provider takes half of every price");
    }

    [Fact]
    public async Task Record_OfACallWhoseGatewayDies_HasNoTimes()
    {
        await using var gateway = await TestGateway.StartAsync("Quotas:Heartbeat=00:00:00.2");
        var account = await gateway.CreateAccountAsync();

        using var answer = await account.ChatAsync("sim+chunks=3+stall=1:3600000", stream: true);

        var record = await Eventually.GetAsync(() => FindOpenAsync(gateway), "what a heartbeat leaves of the call");
        (record.Status, record.AdmissionMs, record.SettlementMs).Should().Be((CallStatus.Abandoned, null, null));
    }

    private static async Task<UsageRecordRow?> FindAsync(TestGateway gateway, string requestId)
    {
        var id = Guid.Parse(requestId);
        await using var database = await OpenAsync(gateway);
        return await database.UsageRecords.AsNoTracking().SingleOrDefaultAsync(record => record.RequestId == id);
    }

    /// <summary>As of a heartbeat after the first words were delivered.</summary>
    private static async Task<UsageRecord?> FindOpenAsync(TestGateway gateway)
    {
        await using var database = await OpenAsync(gateway);
        var row = await database.OpenCalls.AsNoTracking().SingleOrDefaultAsync();
        return row is not null && RecordPayload.TryRead(row.Record, out var record) && record!.UsageSource == UsageSource.Estimated ? record : null;
    }

    private static Task<GatewayDbContext> OpenAsync(TestGateway gateway) =>
        gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
}
