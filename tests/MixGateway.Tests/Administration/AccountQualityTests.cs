using Microsoft.Extensions.Time.Testing;
using MixGateway.Administration.SelfService;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Tests.Storage;
using MixGateway.Tests.Usage;
using MixGateway.Usage;

namespace MixGateway.Tests.Administration;

public sealed class AccountQualityTests : IAsyncLifetime
{
    private readonly SqliteFile _file = new();
    private readonly Guid _account = Guid.CreateVersion7();

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Week_ReadAgain_CountsNewCallsOfOpenDaysAndRemembersClosedOnes()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(BooksBench.Noon));
        using var quality = new AccountQuality(new BillingCalendar(time, TimeZoneInfo.Utc));
        await AddAsync(-6, -3, -1, 0);
        (await CallsAsync(quality)).Should().Equal(1, 0, 0, 1, 0, 1, 1);

        await AddAsync(-6, -5, -1, 0, 0);
        (await CallsAsync(quality)).Should().Equal([1, 0, 0, 1, 0, 2, 3], "the records of closed days are not read again");

        time.Advance(TimeSpan.FromDays(1));
        (await CallsAsync(quality)).Should().Equal([0, 0, 1, 0, 2, 3, 0], "a week later begins a day later");
    }

    [Fact]
    public async Task Day_WithFailures_SaysHowItsCallsWent()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(BooksBench.Noon));
        using var quality = new AccountQuality(new BillingCalendar(time, TimeZoneInfo.Utc));
        await AddAsync(-4);
        await AddAsync(record => record with { Status = CallStatus.Failed, FirstTokenMs = null }, -4);

        for (var read = 0; read < 2; read++)
        {
            await using var context = _file.NewContext();
            var day = (await quality.ReadAsync(context, _account, CancellationToken.None))[2];
            day.Should().Be(new UsageQuality(new DateOnly(2026, 5, 13), 2, 1, 1, 56));
        }
    }

    private Task AddAsync(params int[] days) => AddAsync(static record => record, days);

    private async Task AddAsync(Func<UsageRecord, UsageRecord> change, params int[] days)
    {
        await using var context = _file.NewContext();
        context.UsageRecords.AddRange(days.Select(day =>
            UsageRecordRow.Of(change(BooksBench.Record(_account, 1, BooksBench.Noon.AddDays(day))), new Money(1), BooksBench.Noon)));
        await context.SaveChangesAsync();
    }

    private async Task<IEnumerable<long>> CallsAsync(AccountQuality quality)
    {
        await using var context = _file.NewContext();
        return (await quality.ReadAsync(context, _account, CancellationToken.None)).Select(static day => day.Calls);
    }
}
