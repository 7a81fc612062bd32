using MixGateway.Billing;

namespace MixGateway.Quotas;

/// <summary>Reads what the admit script answers.</summary>
internal static class AdmissionReply
{
    public static Admission Read(string text, CallTicket ticket)
    {
        var reader = new ReplyReader(text);
        switch (reader.Next())
        {
            case "held":
                reader.Next();
                return new Admission(AdmissionStatus.Held)
                {
                    Ticket = ticket,
                    Requests = ReadLimit(ref reader),
                    Tokens = ReadLimit(ref reader),
                };
            case "refused":
                return ReadRefused(ref reader);
            case "stale":
                return new Admission(AdmissionStatus.Stale) { KeyVersion = reader.NextLong() };
            case "load":
                return Admission.Load;
            case "gone":
                // The id was taken back or has ended: only a late repetition of the same command asks this.
                return Admission.Down;
            default:
                throw new InvalidOperationException($"The admit script answered '{text}'.");
        }
    }

    /// <summary>Reads what the peek script answers.</summary>
    public static Admission ReadPeek(string text)
    {
        var reader = new ReplyReader(text);
        return reader.Next() switch
        {
            "ok" => Admission.Open,
            "refused" => ReadRefused(ref reader),
            "load" => Admission.Load,
            _ => throw new InvalidOperationException($"The peek script answered '{text}'."),
        };
    }

    private static Admission ReadRefused(ref ReplyReader reader) => new(AdmissionStatus.Refused)
    {
        Refusal = ReadRefusal(ref reader),
        Requests = ReadLimit(ref reader),
        Tokens = ReadLimit(ref reader),
    };

    private static Refusal ReadRefusal(ref ReplyReader reader) => new(
        KindOf(reader.Next()),
        reader.Next() is "account",
        reader.NextOptionalLong(),
        reader.NextOptionalLong(),
        reader.NextOptionalMilliseconds(),
        new Money(reader.NextLong()),
        new Money(reader.NextLong()));

    private static RateLimit? ReadLimit(ref ReplyReader reader)
    {
        var limit = reader.NextOptionalLong();
        var remaining = reader.NextOptionalLong();
        var reset = reader.NextOptionalMilliseconds();
        return limit is { } l && remaining is { } left && reset is { } time ? new RateLimit(l, left, time) : null;
    }

    private static RefusalKind KindOf(ReadOnlySpan<char> word) => word switch
    {
        "suspended" => RefusalKind.AccountSuspended,
        "revoked" => RefusalKind.KeyRevoked,
        "expired" => RefusalKind.KeyExpired,
        "concurrency" => RefusalKind.Concurrency,
        "requests" => RefusalKind.Requests,
        "tokens" => RefusalKind.Tokens,
        "day" => RefusalKind.SpendPerDay,
        "month" => RefusalKind.SpendPerMonth,
        "total" => RefusalKind.SpendTotal,
        "balance" => RefusalKind.Balance,
        _ => throw new InvalidOperationException($"The admit script refused for '{word}'."),
    };
}
