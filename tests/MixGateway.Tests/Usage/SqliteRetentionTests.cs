using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Tests.Storage;
using MixGateway.Usage;
using MixGateway.Usage.Retention;

namespace MixGateway.Tests.Usage;

public sealed class SqliteRetentionTests : RetentionContract, IAsyncLifetime
{
    private readonly SqliteFile _file = new();

    private protected override BooksBench Books => new(() => new SqliteBookStore(_file.Database), _file.NewContext);

    private protected override IExpiredRecords Records => new SqliteExpiredRecords(_file.Database, TimeProvider.System, NullLogger<SqliteExpiredRecords>.Instance);

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Clear_MoreThanABatch_DeletesAll()
    {
        var account = Guid.CreateVersion7();
        await using (var context = _file.NewContext())
        {
            context.UsageRecords.AddRange(Enumerable.Range(0, 2_001).Select(i =>
                MixGateway.Storage.UsageRecordRow.Of(BooksBench.Record(account, 1, BooksBench.Noon.AddSeconds(i)), default, BooksBench.Noon)));
            await context.SaveChangesAsync();
        }

        (await Records.ClearAsync(new DateTime(2026, 6, 1, 0, 0, 0, DateTimeKind.Utc), CancellationToken.None)).Should().BeTrue();

        (await Books.RecordsAsync(account)).Should().BeEmpty();
    }
}
