using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Administration;
using MixGateway.Diagnostics;
using MixGateway.Storage;
using MixGateway.Tests.Storage;

namespace MixGateway.Tests.Administration;

/// <summary>What wrong tokens cost, and whom they stop.</summary>
public sealed class AdminTokenCheckTests : IAsyncLifetime, IDisposable
{
    private const string Bootstrap = "the-bootstrap-token-of-this-test";
    private const int Most = 5;

    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly SqliteFile _file = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly CountingFactory _databases;
    private readonly AdminTokenCheck _check;

    public AdminTokenCheckTests()
    {
        _databases = new CountingFactory(_file);
        var wrong = new WrongTokens(Options.Create(new ManagementOptions { WrongTokensPerMinute = Most }), _time);
        _check = new AdminTokenCheck(_databases, wrong, Options.Create(new AdministrationOptions { AdminToken = Bootstrap }), _time);
    }

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Tokens_ThatAreMadeUp_CostFewLookUpsAndThenNone()
    {
        for (var i = 0; i < 500; i++)
        {
            await FindAsync(AdminToken.NewSecret());
        }

        _databases.Count.Should().Be(Most);
    }

    [Fact]
    public async Task Token_ThatIsUnknown_IsLookedForOnce()
    {
        var token = AdminToken.NewSecret();

        await FindAsync(token, Address);
        await FindAsync(token, Other);

        _databases.Count.Should().Be(1);
    }

    [Theory]
    [InlineData("wrong-but-sixteen-long")]
    [InlineData("mgt-short")]
    public async Task Address_WithTooManyWrongTokens_WaitsForTheMinutesEnd(string token)
    {
        for (var i = 1; i <= Most; i++)
        {
            (await FindAsync(token)).Should().Be(new TokenAnswer(null, null, BeginsToWait: i == Most));
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        (await FindAsync(Bootstrap)).Wait.Should().Be(TimeSpan.FromSeconds(40));
        (await FindAsync(Bootstrap, Other)).Administrator.Should().Be(Administrator.Bootstrap, "another address is not meant");
        _time.Advance(TimeSpan.FromSeconds(40));

        (await FindAsync(token)).Wait.Should().BeNull();
        (await FindAsync(Bootstrap)).Administrator.Should().Be(Administrator.Bootstrap);
    }

    [Fact]
    public async Task Token_ThatWasRightBefore_IsTakenFromAnAddressThatWaits()
    {
        var (token, id) = await CreateAsync();
        (await FindAsync(token)).Administrator.Should().NotBeNull();
        (await FindAsync(Bootstrap)).Administrator.Should().NotBeNull();
        for (var i = 0; i < Most; i++)
        {
            await FindAsync("wrong-but-sixteen-long");
        }

        (await FindAsync(token)).Administrator.Should().NotBeNull();
        (await FindAsync(Bootstrap)).Administrator.Should().NotBeNull();
        await ChangeAsync(id, row => row.RevokedAt = _time.GetUtcNow().UtcDateTime);
        (await FindAsync(token)).Should().Match<TokenAnswer>(static answer => answer.Administrator == null && answer.Wait == null, "a revoked one is refused at once all the same");
    }

    [Fact]
    public async Task Token_ThatHadExpired_IsTakenAsSoonAsItHasALaterEnd()
    {
        var (token, id) = await CreateAsync();
        await ChangeAsync(id, row => row.ExpiresAt = _time.GetUtcNow().UtcDateTime.AddMinutes(-1));
        (await FindAsync(token)).Administrator.Should().BeNull();

        await ChangeAsync(id, row => row.ExpiresAt = _time.GetUtcNow().UtcDateTime.AddMinutes(5));

        (await FindAsync(token)).Administrator.Should().NotBeNull();
    }

    private ValueTask<TokenAnswer> FindAsync(string token, IPAddress? address = null) => _check.FindAsync(token, address ?? Address, CancellationToken.None);

    private async Task<(string Token, Guid Id)> CreateAsync()
    {
        var secret = AdminToken.NewSecret();
        var row = new AdminTokenRow
        {
            Id = Guid.CreateVersion7(),
            Name = Guid.NewGuid().ToString(),
            Sha256 = AdminToken.Hash(secret),
            Prefix = "mgt-",
            Scopes = [Scopes.Keys],
            CreatedAt = _time.GetUtcNow().UtcDateTime,
            CreatedBy = "test",
        };
        await using var database = _file.NewContext();
        database.AdminTokens.Add(row);
        await database.SaveChangesAsync();
        return (secret, row.Id);
    }

    private async Task ChangeAsync(Guid id, Action<AdminTokenRow> change)
    {
        await using var database = _file.NewContext();
        change(await database.AdminTokens.AsTracking().SingleAsync(row => row.Id == id));
        await database.SaveChangesAsync();
    }

    /// <summary>Counts the looks into the database: one context each.</summary>
    private sealed class CountingFactory(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        public int Count { get; private set; }

        public GatewayDbContext CreateDbContext()
        {
            Count++;
            return file.NewContext();
        }
    }
}
