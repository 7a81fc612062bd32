using Microsoft.EntityFrameworkCore;

namespace MixGateway.Storage;

/// <summary>Reads and moves the marks of retention.</summary>
internal static class RetentionMarks
{
    /// <returns>Null where nothing was cleared.</returns>
    public static async Task<DateTime?> ReadMarkAsync(this GatewayDbContext database, string subject, CancellationToken cancellationToken) =>
        await database.RetentionMarks.Where(mark => mark.Subject == subject).Select(mark => (DateTime?)mark.Before).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Moves a mark forward, never back.</summary>
    public static async Task AdvanceMarkAsync(this GatewayDbContext database, string subject, DateTime before, CancellationToken cancellationToken) =>
        await database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO retention_marks (subject, before) VALUES ({subject}, {before})
            ON CONFLICT (subject) DO UPDATE SET before = excluded.before WHERE retention_marks.before < excluded.before
            """,
            cancellationToken);
}
