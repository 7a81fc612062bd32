using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.Billing;
using MixGateway.Storage;
using MixGateway.Tests.Storage;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

/// <summary>What the database has against one call keeps no other out of it.</summary>
public sealed class OpenCallWriterTests : IDisposable
{
    /// <summary>A hold that the database is told to refuse, by a trigger.</summary>
    private const long Refused = 13;

    private readonly SqliteFile _file = new();
    private readonly OpenCalls _calls = new(new ConfigurationBuilder().Build());

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(7, 0)]
    [InlineData(8, 7)]
    public async Task Stop_OneCallThatTheDatabaseRefuses_WritesAllOthers(int calls, int refused)
    {
        await RefuseAsync();
        var ids = Enumerable.Range(0, calls).Select(_ => Guid.CreateVersion7()).ToList();
        for (var i = 0; i < calls; i++)
        {
            _calls.Open(ids[i], new Money(i == refused ? Refused : 1000 + i), new byte[] { 1 });
        }

        await WriteAsync();

        (await WrittenAsync()).Should().BeEquivalentTo(ids.Where((_, i) => i != refused));
        _calls.Take().IsEmpty.Should().BeTrue("what is put aside is not due again");
    }

    [Fact]
    public async Task Stop_RefusedCallBesideCallsThatEnded_RemovesThose()
    {
        await RefuseAsync();
        var ended = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToList();
        ended.ForEach(id => _calls.Open(id, new Money(1), new byte[] { 1 }));
        await WriteAsync();
        ended.ForEach(_calls.Close);
        _calls.Open(Guid.CreateVersion7(), new Money(Refused), new byte[] { 1 });

        await WriteAsync();

        (await WrittenAsync()).Should().BeEmpty();
    }

    private async Task RefuseAsync()
    {
        await _file.MigrateAsync();
        await using var database = _file.NewContext();
        await database.Database.ExecuteSqlRawAsync(
            "CREATE TRIGGER refuse BEFORE INSERT ON open_calls WHEN NEW.hold = 13 BEGIN SELECT RAISE(ABORT, 'refused by the test'); END");
    }

    private async Task WriteAsync()
    {
        using var writer = new OpenCallWriter(_calls, new OpenCallStore(new Files(_file)), TimeProvider.System, NullLogger<OpenCallWriter>.Instance);
        await writer.StopAsync(CancellationToken.None);
    }

    private async Task<List<Guid>> WrittenAsync()
    {
        await using var database = _file.NewContext();
        return await database.OpenCalls.Select(static call => call.RequestId).ToListAsync();
    }

    private sealed class Files(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => file.NewContext();
    }
}
