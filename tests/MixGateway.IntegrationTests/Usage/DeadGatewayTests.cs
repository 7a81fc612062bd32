using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;
using MixGateway.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;
using Xunit.Abstractions;

namespace MixGateway.IntegrationTests.Usage;

/// <summary>What is left of a gateway that dies with very many calls.</summary>
public sealed class DeadGatewayTests(ITestOutputHelper output)
{
    private const int Calls = 1000;

    /// <summary>Of the minute in which everything has to be settled, a lease and a sweep are for noticing, and the rest for this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Calls_OfADeadGateway_AreAllSettledWithinAMinute(int accounts)
    {
        await using var set = await StoreSet.StartAsync(GatewayStores.Servers);
        await using var gateway = await TestGateway.StartAsync([.. set.Settings, "Quotas:Lease=00:00:06", "Quotas:Sweep=00:00:02", "Quotas:Heartbeat=00:00:01"]);
        var held = await Task.WhenAll(Enumerable.Range(0, accounts).Select(_ => gateway.CreateAccountAsync("10000")));
        var calls = gateway.Services.GetRequiredService<CallStore>();
        var period = gateway.Services.GetRequiredService<BillingCalendar>().Current;
        await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (i, _) =>
        {
            var (account, id) = (held[i % accounts], Guid.CreateVersion7());
            var record = BooksBench.Record(account.Id, 0, key: account.KeyId) with { RequestId = id, StartedAt = UsageRecord.StartOf(id), Status = CallStatus.Abandoned };
            var request = new AdmissionRequest(id, account.Id, account.KeyId, new Money(1_000_000_000), 10, period, RecordPayload.Write(record), KeyVersion.Any);
            var admission = await calls.AdmitAsync(request);
            (admission.Status == AdmissionStatus.Load ? await InstallAndAdmitAsync(gateway, request) : admission).Status.Should().Be(AdmissionStatus.Held);
            (await calls.ExtendAsync(new CallTicket(request), new Money(1000), RecordPayload.Write(record))).Should().Be(CallAnswer.Ok);
        });

        await Eventually.TrueAsync(async () => await CountAsync(gateway) > 0, "the first is taken for dead", TimeSpan.FromSeconds(30));
        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => await CountAsync(gateway) == Calls, "all are booked", Patience);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Calls} calls of {accounts} accounts: all booked {clock.Elapsed.TotalSeconds:F1} s after the first"));

        foreach (var account in held)
        {
            await Eventually.TrueAsync(async () => await gateway.InspectAsync(account) is { Held.Nanos: 0, Pending.Nanos: 0 }, "nothing is held");
            (await gateway.InspectAsync(account)).Base.Nanos.Should().Be(10_000_000_000_000 - (1000L * Calls / accounts));
        }
    }

    private static async Task<Admission> InstallAndAdmitAsync(TestGateway gateway, AdmissionRequest request)
    {
        (await gateway.Services.GetRequiredService<AccountInstaller>().InstallAsync(request.AccountId, [request.KeyId])).Should().BeTrue();
        return await gateway.Services.GetRequiredService<CallStore>().AdmitAsync(request);
    }

    private static async Task<int> CountAsync(TestGateway gateway)
    {
        await using var database = await gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        return await database.UsageRecords.CountAsync();
    }
}
