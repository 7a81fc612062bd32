using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Administration;
using MixGateway.Catalog;
using MixGateway.Storage;
using MixGateway.Tests.Storage;

namespace MixGateway.Tests.Administration;

/// <summary>A database has one currency, from its first entry on.</summary>
public sealed class LedgerCurrencyTests : IAsyncLifetime
{
    private readonly SqliteFile _file = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 17, 12, 0, 0, TimeSpan.Zero));

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Start_WithAnotherCurrencyThanTheLedgers_IsRefusedAndChangesNothing()
    {
        await StartAsync("USD");
        await CreditAsync();

        var refusal = await FluentActions.Awaiting(() => StartAsync("CNY")).Should().ThrowAsync<DatabaseRefusedException>();

        refusal.Which.Message.Should().ContainAll("Billing:Currency is CNY", "Set Billing:Currency to USD");
        await FluentActions.Awaiting(() => StartAsync("USD")).Should().NotThrowAsync();
    }

    [Fact]
    public async Task Start_OnAnEmptyLedger_MayChangeTheCurrency()
    {
        await StartAsync("USD");
        await StartAsync("CNY");
        await CreditAsync();

        await FluentActions.Awaiting(() => StartAsync("USD")).Should().ThrowAsync<DatabaseRefusedException>();
        await using var database = _file.NewContext();
        (await database.AuditEntries.SingleAsync(static entry => entry.Action == "billing.currency")).Should().BeEquivalentTo(new { Target = "Billing:Currency", Before = """{"currency":"USD"}""", After = """{"currency":"CNY"}""" });
    }

    [Fact]
    public async Task Start_WhileAReplicaWithAnotherCurrencyLives_IsRefused()
    {
        await StartAsync("USD");
        await AddReplicaAsync(_time.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(2));

        (await FluentActions.Awaiting(() => StartAsync("EUR")).Should().ThrowAsync<DatabaseRefusedException>()).Which.Message.Should().ContainAll("EUR", "USD");
        _time.Advance(TimeSpan.FromMinutes(1));
        await FluentActions.Awaiting(() => StartAsync("EUR")).Should().NotThrowAsync("that replica is dead");
    }

    [Fact]
    public async Task Start_OfTwoAtOnceOnAnEmptyLedger_LetsTheEarlierGiveWay()
    {
        var first = NewCurrency("USD");
        await first.StartingAsync(CancellationToken.None);
        await NewCurrency("CNY").StartingAsync(CancellationToken.None);

        await FluentActions.Awaiting(() => first.StartedAsync(CancellationToken.None)).Should().NotThrowAsync("nobody else is seen, and nothing is booked");
        await AddReplicaAsync(_time.GetUtcNow().UtcDateTime);
        await FluentActions.Awaiting(() => first.StartedAsync(CancellationToken.None)).Should().ThrowAsync<DatabaseRefusedException>();
    }

    private async Task StartAsync(string code)
    {
        var currency = NewCurrency(code);
        await currency.StartingAsync(CancellationToken.None);
        await currency.StartedAsync(CancellationToken.None);
    }

    private LedgerCurrency NewCurrency(string code) => new(new Contexts(_file), new CatalogStore(new CatalogSnapshot
    {
        Revision = 1,
        Currency = code,
        Providers = FrozenDictionary<string, Provider>.Empty,
        Aliases = FrozenDictionary<string, ImmutableArray<string>>.Empty,
    }), _time);

    private async Task CreditAsync()
    {
        await using var database = _file.NewContext();
        var account = new AccountRow { Id = Guid.CreateVersion7(), Name = "a", Balance = 1, Version = 1, CreatedAt = _time.GetUtcNow().UtcDateTime };
        database.Accounts.Add(account);
        database.LedgerEntries.Add(new LedgerEntryRow { AccountId = account.Id, Sequence = 1, Id = Guid.CreateVersion7(), Kind = LedgerKind.Credit, Amount = 1, BalanceAfter = 1, CreatedAt = account.CreatedAt });
        await database.SaveChangesAsync();
    }

    private async Task AddReplicaAsync(DateTime seenAt)
    {
        await using var database = _file.NewContext();
        database.Replicas.Add(new ReplicaRow { Id = Guid.CreateVersion7(), HotStoreId = "a", HotStore = "b", Host = "c", SeenAt = seenAt });
        await database.SaveChangesAsync();
    }

    private sealed class Contexts(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => file.NewContext();
    }
}
