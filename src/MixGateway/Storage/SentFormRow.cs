namespace MixGateway.Storage;

/// <summary>A form of the console that was sent, so that it counts once, and for some minutes the page that answers it.</summary>
internal sealed class SentFormRow
{
    /// <summary>SHA-256 of the form's id and of the session that sent it: 32 bytes.</summary>
    public required byte[] Id { get; init; }

    /// <summary>UTC; afterwards the form is too old to be sent, and the row goes.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>Where the answer leads; null while the form is being worked on.</summary>
    public string? Location { get; set; }

    /// <summary>The page that answers, encrypted for the session; null if there is none or it was shown.</summary>
    public byte[]? Page { get; set; }
}
