using System.Data.Common;
using MixGateway.Billing;
using MixGateway.OpenAI;

namespace MixGateway.Usage;

/// <summary>A call that is booked, with what it was charged in nano-units.</summary>
internal readonly record struct BookedCharge(BookedCall Call, long Charged);

/// <summary>What two records of a call must agree on to be the same record: what the caller was told, and what the bill says.</summary>
internal readonly record struct BookedCall(Guid AccountId, CallStatus Status, TokenUsage Tokens, Money Cost)
{
    /// <summary>The columns of <c>usage_records</c> that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns = "account_id, status, prompt_tokens, cached_tokens, cache_write_tokens, completion_tokens, reasoning_tokens, cost, charged";

    public static BookedCall Of(UsageRecord record) => new(record.AccountId, record.Status, record.Tokens, record.Cost);

    /// <summary>Reads the columns <see cref="Columns"/>, of which the first is at <paramref name="at"/>.</summary>
    public static BookedCharge Read(DbDataReader reader, int at) => new(
        ReadCall(reader, at),
        reader.GetInt64(at + 8));

    private static BookedCall ReadCall(DbDataReader reader, int at) => new(
        reader.GetGuid(at),
        (CallStatus)reader.GetInt16(at + 1),
        new TokenUsage(reader.GetInt64(at + 2), reader.GetInt64(at + 3), reader.GetInt64(at + 4), reader.GetInt64(at + 5), reader.GetInt64(at + 6)),
        new Money(reader.GetInt64(at + 7)));
}
