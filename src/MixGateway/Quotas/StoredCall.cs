using System.Buffers.Text;
using System.Text;
using MixGateway.Billing;

namespace MixGateway.Quotas;

internal enum StoredCallState
{
    Held,
    Settled,
    Abandoned,
}

/// <summary>A call as the store keeps it; see <c>_call.lua</c> for the layout.</summary>
/// <param name="IsDebit">True for an amount held by a correction of the balance.</param>
/// <param name="Hold">What it holds or held.</param>
/// <param name="Cost">Settled: the charge. Otherwise what its owner had counted at its last heartbeat.</param>
/// <param name="AdmittedAt">UTC, by the store's clock.</param>
/// <param name="Record">What gateways wrote for each other.</param>
internal sealed record StoredCall(
    Guid RequestId,
    StoredCallState State,
    bool IsDebit,
    Guid AccountId,
    Guid KeyId,
    Money Hold,
    Money Cost,
    BillingPeriod Period,
    DateTime AdmittedAt,
    bool IsStopping,
    ReadOnlyMemory<byte> Record)
{
    /// <summary>Reads a payload of this format or of one that only added fields; null if it is a mark and not a call, or unreadable.</summary>
    public static StoredCall? TryRead(string id, ReadOnlyMemory<byte> payload)
    {
        var cut = payload.Span.IndexOf((byte)'\n');
        if (cut < 0 || !Guid.TryParseExact(id, "N", out var requestId))
        {
            return null;
        }

        var fields = Encoding.ASCII.GetString(payload.Span[..cut]).Split('|');
        if (fields.Length < 14 || StateOf(fields[1]) is not { } state || !Guid.TryParseExact(fields[3], "N", out var account))
        {
            return null;
        }

        _ = Guid.TryParseExact(fields[4], "N", out var key);
        return new StoredCall(
            requestId, state, fields[2] is "D", account, key, Amount(fields[5]), Amount(fields[6]), new BillingPeriod(fields[10], fields[11]),
            DateTimeOffset.FromUnixTimeMilliseconds(Amount(fields[12]).Nanos).UtcDateTime, fields[13] is not "0", payload[(cut + 1)..]);
    }

    private static Money Amount(string digits) =>
        Utf8Parser.TryParse(Encoding.ASCII.GetBytes(digits), out long number, out _) ? new Money(number) : Money.Zero;

    private static StoredCallState? StateOf(string letter) => letter switch
    {
        "H" => StoredCallState.Held,
        "S" => StoredCallState.Settled,
        "A" => StoredCallState.Abandoned,
        _ => null,
    };
}
