namespace MixGateway.Storage;

/// <summary>Something that may happen only so often, such as a mail to an address.</summary>
internal sealed class BoundedActionRow
{
    public required Guid Id { get; init; }

    /// <summary>What happened, such as <c>mail</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>To whom: an account's id, or a hash of an address.</summary>
    public required string Subject { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}
