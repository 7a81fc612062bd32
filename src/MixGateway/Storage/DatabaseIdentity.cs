using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>
/// What tells this database from every other: an id that the first gateway which starts on it writes there. The hot store's contents are
/// bound to it, so that no gateway books the calls of another database.
/// </summary>
internal sealed class DatabaseIdentity(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    /// <summary>The id in 32 hexadecimal digits; empty until it was read.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Reads the id, and writes one if there is none. Called once the tables are there, before anything asks for the id.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var id = await FindAsync(database, cancellationToken) ?? await CreateAsync(database, cancellationToken);
        Text = id.ToString("N");
    }

    private static async Task<Guid?> FindAsync(GatewayDbContext database, CancellationToken cancellationToken) =>
        await database.Installation.Select(static installation => (Guid?)installation.Id).SingleOrDefaultAsync(cancellationToken);

    private async Task<Guid> CreateAsync(GatewayDbContext database, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = new InstallationRow { Id = Guid.CreateVersion7(now), CreatedAt = now.UtcDateTime };
        database.Installation.Add(row);
        try
        {
            await database.SaveChangesAsync(cancellationToken);
            return row.Id;
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            // Another replica was first.
            return (await FindAsync(database, cancellationToken))!.Value;
        }
    }
}
