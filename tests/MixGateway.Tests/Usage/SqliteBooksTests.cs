using MixGateway.Tests.Storage;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

public sealed class SqliteBooksTests : BooksContract, IAsyncLifetime
{
    private readonly SqliteFile _file = new();

    private protected override BooksBench Bench => new(() => new SqliteBookStore(_file.Database), _file.NewContext);

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }
}
