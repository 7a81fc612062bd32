using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>A day's sums, or one call, in the shape in which both are added up.</summary>
internal sealed class UsagePart
{
    public required DateOnly Day { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid KeyId { get; init; }
    public required string Model { get; init; }
    public required long Requests { get; init; }
    public required long PromptTokens { get; init; }
    public required long CachedTokens { get; init; }
    public required long CacheWriteTokens { get; init; }
    public required long CompletionTokens { get; init; }
    public required long ReasoningTokens { get; init; }
    public required long Cost { get; init; }
    public required long Charged { get; init; }

    /// <summary>Of the calls whose purchase cost is known, with what was charged for those.</summary>
    public required long PurchaseCost { get; init; }
    public required long PurchaseCharged { get; init; }

    /// <summary>
    /// What happened in a period, in one query: the books write records and daily sums in one transaction, so one query sees them agree.
    /// </summary>
    public static IQueryable<UsagePart> Of(GatewayDbContext database, UsageCover cover)
    {
        var days = database.UsageDaily.AsQueryable();
        if (cover.FirstDay is { } first)
        {
            days = days.Where(day => day.Day >= first);
        }

        if (cover.EndDay is { } end)
        {
            days = days.Where(day => day.Day < end);
        }

        return cover.CutDays.Aggregate(OfDays(days), (parts, cut) => parts.Concat(OfRecords(database.UsageRecords, cut)));
    }

    private static IQueryable<UsagePart> OfDays(IQueryable<UsageDailyRow> days) => days.Select(day => new UsagePart
    {
        Day = day.Day,
        AccountId = day.AccountId,
        KeyId = day.KeyId,
        Model = day.Model,
        Requests = day.Requests,
        PromptTokens = day.PromptTokens,
        CachedTokens = day.CachedTokens,
        CacheWriteTokens = day.CacheWriteTokens,
        CompletionTokens = day.CompletionTokens,
        ReasoningTokens = day.ReasoningTokens,
        Cost = day.Cost,
        Charged = day.Charged,
        PurchaseCost = day.PurchaseCost,
        PurchaseCharged = day.PurchaseCharged,
    });

    private static IQueryable<UsagePart> OfRecords(IQueryable<UsageRecordRow> records, CutDay cut) => records
        .Where(record => record.StartedAt >= cut.From && record.StartedAt < cut.To)
        .Select(record => new UsagePart
        {
            Day = cut.Day,
            AccountId = record.AccountId,
            KeyId = record.KeyId,
            Model = record.Model,
            Requests = 1,
            PromptTokens = record.PromptTokens,
            CachedTokens = record.CachedTokens,
            CacheWriteTokens = record.CacheWriteTokens,
            CompletionTokens = record.CompletionTokens,
            ReasoningTokens = record.ReasoningTokens,
            Cost = record.Cost,
            Charged = record.Charged,
            PurchaseCost = record.PurchaseCost ?? 0,
            PurchaseCharged = record.PurchaseCost != null ? record.Charged : 0,
        });
}
