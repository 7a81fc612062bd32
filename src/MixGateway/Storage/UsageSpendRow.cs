namespace MixGateway.Storage;

/// <summary>
/// What an account or one of its keys was charged in a day, in a month or in all: what spend limits begin with when the hot store does
/// not know them. The database keeps it by triggers on <c>usage_daily</c>, in the transaction of whoever writes there, so that replicas
/// of an older version keep it too; nobody else writes it.
/// </summary>
internal sealed class UsageSpendRow
{
    /// <summary>The <see cref="Period"/> that never ends.</summary>
    public const string Total = "";

    /// <summary>The <see cref="KeyId"/> of an account's own rows.</summary>
    public static readonly Guid OfAccount = Guid.Empty;

    public required Guid AccountId { get; init; }

    /// <summary><see cref="OfAccount"/> for all keys together.</summary>
    public required Guid KeyId { get; init; }

    /// <summary><c>2026-11-22</c>, <c>2026-11</c> (both in the billing time zone) or <see cref="Total"/>.</summary>
    public required string Period { get; init; }

    /// <summary>Nano-units.</summary>
    public required long Charged { get; init; }
}
