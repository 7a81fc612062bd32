namespace MixGateway.Storage;

/// <summary>A gateway that runs on this database, and the hot store that it works with. A row that is not beaten any more is dead.</summary>
internal sealed class ReplicaRow
{
    /// <summary>Of the process: a new one at every start.</summary>
    public required Guid Id { get; init; }

    /// <summary>The identity of the contents of its hot store: changes when the store may have lost what it had acknowledged.</summary>
    public required string HotStoreId { get; set; }

    /// <summary>The hot store in words for a person, without secrets.</summary>
    public required string HotStore { get; init; }

    /// <summary>The machine or container, and the process.</summary>
    public required string Host { get; init; }

    /// <summary>Rises with every sign of life; who watches needs no clock in common.</summary>
    public long Beats { get; set; }

    /// <summary>UTC, by the clock of the replica itself.</summary>
    public required DateTime SeenAt { get; set; }
}
