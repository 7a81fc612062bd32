using System.Collections.Immutable;

namespace MixGateway.Catalog;

/// <summary>How the catalog stands.</summary>
/// <param name="Revision">Of the snapshot in force.</param>
/// <param name="LoadedAt">When that came into force.</param>
/// <param name="RejectedErrors">What is wrong with the settings as they are written now; empty while they are in force.</param>
/// <param name="RejectedAt">When they were refused; null while they are in force.</param>
internal sealed record CatalogState(
    long Revision,
    DateTimeOffset LoadedAt,
    ImmutableArray<string> RejectedErrors,
    DateTimeOffset? RejectedAt);

/// <summary>The catalog's state for health checks and metrics; reading it is one volatile read.</summary>
internal sealed class CatalogStatus(long revision, DateTimeOffset loadedAt)
{
    private volatile CatalogState _current = new(revision, loadedAt, [], null);

    private volatile IReadOnlyList<string> _restartNeeded = [];

    private long _rejections;

    public CatalogState Current => _current;

    /// <summary>How many edits were refused since the start.</summary>
    public long Rejections => Interlocked.Read(ref _rejections);

    /// <summary>Settings that were changed in the files and are read only at the start.</summary>
    public IReadOnlyList<string> RestartNeeded
    {
        get => _restartNeeded;
        set => _restartNeeded = value;
    }

    public void Accepted(long revision, DateTimeOffset now) => _current = new CatalogState(revision, now, [], null);

    public void Rejected(ImmutableArray<string> errors, DateTimeOffset now)
    {
        Interlocked.Increment(ref _rejections);
        _current = _current with { RejectedErrors = errors, RejectedAt = now };
    }

    /// <summary>What was refused has been taken back: what is written is what is in force.</summary>
    public void Withdrawn() => _current = _current with { RejectedErrors = [], RejectedAt = null };
}
