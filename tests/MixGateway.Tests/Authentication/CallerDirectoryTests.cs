using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Authentication;
using MixGateway.Storage;
using MixGateway.Tests.Storage;

namespace MixGateway.Tests.Authentication;

public sealed class CallerDirectoryTests : IAsyncLifetime, IDisposable
{
    private static readonly Guid AccountId = Guid.CreateVersion7();

    private readonly SqliteFile _file = new();
    private readonly ShiftedTime _time = new();
    private readonly CountingDatabase _database;
    private readonly CallerDirectory _callers;

    public CallerDirectoryTests()
    {
        _database = new CountingDatabase(_file);
        _callers = new CallerDirectory(new KeyReader(new KeyLookup(_database), _time, NullLogger<KeyReader>.Instance), _time);
    }

    public async Task InitializeAsync()
    {
        await _file.MigrateAsync();
        await using var database = _file.NewContext();
        database.Accounts.Add(new AccountRow { Id = AccountId, Name = "test", Version = 5, CreatedAt = DateTime.UtcNow });
        await database.SaveChangesAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Flood_OfUnknownKeys_CostsFewStatementsAndRefusesNoGoodKey()
    {
        const int Keys = 5000;
        var good = await CreateKeyAsync();
        var wrong = Enumerable.Range(0, Keys).Select(_ => Secret()).ToList();
        var watch = Stopwatch.StartNew();

        var flood = wrong.Take(Keys / 2).Select(FindAsync).ToList();
        var answer = FindAsync(good);
        flood.AddRange(wrong.Skip(Keys / 2).Select(FindAsync));

        (await answer).Caller!.AccountId.Should().Be(AccountId);
        (await Task.WhenAll(flood)).Should().OnlyContain(refused => refused.Error!.Status == 401);
        var paced = (int)(watch.Elapsed / KeyReader.Pace) + 1;
        _database.Count.Should().BeLessThanOrEqualTo(paced).And.BeLessThan(Keys / 20);
        await AskAgainAsync(wrong.Append(good), statements: 0);
    }

    [Fact]
    public async Task Key_AskedForByManyAtOnce_IsReadOnce()
    {
        var good = await CreateKeyAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => FindAsync(good)));

        answers.Should().OnlyContain(answer => answer.Caller != null);
        _database.Count.Should().BeLessThanOrEqualTo(2, "a statement that has begun is not shared, the next one is");
    }

    [Fact]
    public async Task Key_ThatDoesNotExist_IsLookedForAgainAfterAMinute()
    {
        var secret = Secret();
        await FindAsync(secret);
        await CreateKeyAsync(secret);

        (await FindAsync(secret)).Error!.Status.Should().Be(401);
        _time.Shift += CallerDirectory.UnknownFor;

        (await FindAsync(secret)).Caller.Should().NotBeNull();
    }

    [Fact]
    public async Task Key_ThatIsMadeHere_IsKnownAtOnceAlsoIfItWasUnknown()
    {
        var secret = Secret();
        await FindAsync(secret);
        await CreateKeyAsync(secret);

        _callers.OnKeyChanged(Guid.NewGuid(), ApiKey.Hash(secret));

        (await FindAsync(secret)).Caller.Should().NotBeNull();
    }

    [Fact]
    public async Task Renew_OfAnOlderVersion_ReadsOnceAndThenKnowsIt()
    {
        var good = await CreateKeyAsync();
        var known = (await FindAsync(good)).Caller!;
        await ChangeAsync(version: 9);
        var before = _database.Count;

        var renewed = await _callers.RenewAsync(known.Hash, 9);
        var again = await _callers.RenewAsync(known.Hash, 9);

        known.Version.AsOf.Should().Be(5);
        renewed.Caller!.Version.AsOf.Should().Be(9);
        again.Caller.Should().BeSameAs(renewed.Caller);
        (_database.Count - before).Should().Be(1);
    }

    [Fact]
    public async Task Database_ThatIsAway_Answers503ForAKeyThatIsNotKnownAndServesTheOthers()
    {
        var good = await CreateKeyAsync();
        await FindAsync(good);

        _database.IsAway = true;
        var unknown = await FindAsync(Secret());
        var known = await FindAsync(good);
        _database.IsAway = false;

        unknown.Error.Should().BeEquivalentTo(new { Status = 503, Code = "service_unavailable" });
        known.Caller.Should().NotBeNull();
    }

    private async Task AskAgainAsync(IEnumerable<string> secrets, int statements)
    {
        var before = _database.Count;
        foreach (var secret in secrets)
        {
            await FindAsync(secret);
        }

        (_database.Count - before).Should().Be(statements);
    }

    private Task<CallerAnswer> FindAsync(string secret) => _callers.FindAsync(ApiKey.Hash(secret)).AsTask();

    private static string Secret() => ApiKey.Create();

    private async Task<string> CreateKeyAsync(string? secret = null)
    {
        secret ??= Secret();
        await using var database = _file.NewContext();
        database.ApiKeys.Add(new ApiKeyRow
        {
            Id = Guid.CreateVersion7(),
            AccountId = AccountId,
            Name = "test",
            Sha256 = ApiKey.Hash(secret).ToArray(),
            Prefix = ApiKey.Display(secret),
            ChangedVersion = 5,
            CreatedAt = DateTime.UtcNow,
        });
        await database.SaveChangesAsync();
        return secret;
    }

    private async Task ChangeAsync(long version)
    {
        await using var database = _file.NewContext();
        await database.Accounts.ExecuteUpdateAsync(account => account.SetProperty(row => row.Version, version));
    }

    /// <summary>The system's clock, moved on by hand.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Shift.TotalSeconds * TimestampFrequency);
    }

    /// <summary>Counts the looks into the database: one context each.</summary>
    private sealed class CountingDatabase(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public volatile bool IsAway;

        public GatewayDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _count);
            return IsAway ? throw new TimeoutException("The database is away.") : file.NewContext();
        }
    }
}
