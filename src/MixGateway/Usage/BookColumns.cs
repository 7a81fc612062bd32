using MixGateway.Storage;

namespace MixGateway.Usage;

/// <summary>A column that the books write.</summary>
/// <param name="Value">The value of one row.</param>
/// <param name="Values">The values of many rows, as an array of the column's type.</param>
internal sealed record BookColumn<TRow>(string Name, Func<TRow, object?> Value, Func<IReadOnlyList<TRow>, Array> Values);

/// <summary>The columns that the books write, in one place for both databases; together they are all columns of their tables.</summary>
internal static class BookColumns
{
    public static readonly BookColumn<UsageRecordRow>[] UsageRecords =
    [
        Of("started_at", (UsageRecordRow row) => row.StartedAt),
        Of("request_id", (UsageRecordRow row) => row.RequestId),
        Of("account_id", (UsageRecordRow row) => row.AccountId),
        Of("key_id", (UsageRecordRow row) => row.KeyId),
        Of("provider", (UsageRecordRow row) => row.Provider),
        Of("model", (UsageRecordRow row) => row.Model),
        Of("stream", (UsageRecordRow row) => row.Stream),
        Of("status", (UsageRecordRow row) => (short)row.Status),
        Of("usage_source", (UsageRecordRow row) => (short)row.UsageSource),
        Of("prompt_tokens", (UsageRecordRow row) => row.PromptTokens),
        Of("cached_tokens", (UsageRecordRow row) => row.CachedTokens),
        Of("cache_write_tokens", (UsageRecordRow row) => row.CacheWriteTokens),
        Of("completion_tokens", (UsageRecordRow row) => row.CompletionTokens),
        Of("reasoning_tokens", (UsageRecordRow row) => row.ReasoningTokens),
        Of("input_price", (UsageRecordRow row) => row.InputPrice),
        Of("cached_input_price", (UsageRecordRow row) => row.CachedInputPrice),
        Of("cache_write_price", (UsageRecordRow row) => row.CacheWritePrice),
        Of("output_price", (UsageRecordRow row) => row.OutputPrice),
        Of("reasoning_price", (UsageRecordRow row) => row.ReasoningPrice),
        Of("request_price", (UsageRecordRow row) => row.RequestPrice),
        Of("quantities", (UsageRecordRow row) => row.Quantities),
        Of("currency", (UsageRecordRow row) => row.Currency),
        Of("cost", (UsageRecordRow row) => row.Cost),
        Of("charged", (UsageRecordRow row) => row.Charged),
        Of("purchase_cost", (UsageRecordRow row) => row.PurchaseCost),
        Of("catalog_revision", (UsageRecordRow row) => row.CatalogRevision),
        Of("duration_ms", (UsageRecordRow row) => row.DurationMs),
        Of("first_token_ms", (UsageRecordRow row) => row.FirstTokenMs),
        Of("admission_ms", (UsageRecordRow row) => row.AdmissionMs),
        Of("settlement_ms", (UsageRecordRow row) => row.SettlementMs),
        Of("http_status", (UsageRecordRow row) => row.HttpStatus),
        Of("error_code", (UsageRecordRow row) => row.ErrorCode),
        Of("attempts", (UsageRecordRow row) => row.Attempts),
    ];

    /// <summary>Of an entry that charges a call; the table's other columns say who changed a balance by hand.</summary>
    public static readonly BookColumn<LedgerEntryRow>[] LedgerEntries =
    [
        Of("account_id", (LedgerEntryRow row) => row.AccountId),
        Of("sequence", (LedgerEntryRow row) => row.Sequence),
        Of("id", (LedgerEntryRow row) => row.Id),
        Of("kind", (LedgerEntryRow row) => row.Kind.ToString().ToLowerInvariant()),
        Of("amount", (LedgerEntryRow row) => row.Amount),
        Of("balance_after", (LedgerEntryRow row) => row.BalanceAfter),
        Of("request_id", (LedgerEntryRow row) => row.RequestId),
        Of("created_at", (LedgerEntryRow row) => row.CreatedAt),
    ];

    /// <summary>The first four are the key, the others are sums.</summary>
    public static readonly BookColumn<UsageDailyRow>[] UsageDaily =
    [
        Of("day", (UsageDailyRow row) => row.Day),
        Of("account_id", (UsageDailyRow row) => row.AccountId),
        Of("key_id", (UsageDailyRow row) => row.KeyId),
        Of("model", (UsageDailyRow row) => row.Model),
        Of("requests", (UsageDailyRow row) => row.Requests),
        Of("prompt_tokens", (UsageDailyRow row) => row.PromptTokens),
        Of("cached_tokens", (UsageDailyRow row) => row.CachedTokens),
        Of("cache_write_tokens", (UsageDailyRow row) => row.CacheWriteTokens),
        Of("completion_tokens", (UsageDailyRow row) => row.CompletionTokens),
        Of("reasoning_tokens", (UsageDailyRow row) => row.ReasoningTokens),
        Of("cost", (UsageDailyRow row) => row.Cost),
        Of("charged", (UsageDailyRow row) => row.Charged),
        Of("purchase_cost", (UsageDailyRow row) => row.PurchaseCost),
        Of("purchase_charged", (UsageDailyRow row) => row.PurchaseCharged),
    ];

    /// <summary>What follows the values of <see cref="UsageDaily"/>: the same in both databases.</summary>
    public static readonly string AddToDay =
        "ON CONFLICT (day, account_id, key_id, model) DO UPDATE SET "
        + string.Join(", ", UsageDaily.Skip(4).Select(column => $"{column.Name} = usage_daily.{column.Name} + excluded.{column.Name}"));

    public static string Names<TRow>(BookColumn<TRow>[] columns) => string.Join(", ", columns.Select(column => column.Name));

    private static BookColumn<TRow> Of<TRow, T>(string name, Func<TRow, T> value) =>
        new(name, row => value(row), rows =>
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = value(rows[i]);
            }

            return values;
        });
}
