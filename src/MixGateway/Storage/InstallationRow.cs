namespace MixGateway.Storage;

/// <summary>The one row that names the database. It travels with a backup: a restored database is the same one.</summary>
internal sealed class InstallationRow
{
    /// <summary>There is one row.</summary>
    public const int OnlyPlace = 1;

    public int Place { get; init; } = OnlyPlace;

    public required Guid Id { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
