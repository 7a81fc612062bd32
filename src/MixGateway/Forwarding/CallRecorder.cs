using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>Makes a call's one usage record, and settles the call with it.</summary>
internal sealed class CallRecorder(CallSettler settler, CallTokens counter, CallLog log)
{
    private static readonly CallOutcome Dead = new(CallStatus.Abandoned, null, false);

    /// <summary>The status of a call whose caller left before an answer, as nginx writes it.</summary>
    public const int CallerClosedRequest = 499;

    /// <summary>English text is about four bytes a token: what a heartbeat says of a call in between need not be better.</summary>
    private const int BytesPerToken = 4;

    /// <summary>Settles the call; only after <see cref="BookingResult.Booked"/> may the end of a completed answer go out.</summary>
    public async ValueTask<BookingResult> RecordAsync(Call call, CallOutcome outcome, AnswerFacts facts, int httpStatus)
    {
        call.Recorded = true;
        var (tokens, source) = counter.Count(call, outcome, facts);
        call.Record = CreateRecord(call, call.Progress, outcome, tokens, source, httpStatus);
        log.Answered(call, facts.Text);
        var since = call.ElapsedMs;
        var result = await settler.SettleAsync(call.Held, call.Record);
        call.SettlementMs = call.ElapsedMs - since;
        return result;
    }

    /// <summary>What is booked if this gateway dies before the call's first heartbeat: nothing was delivered.</summary>
    public static ReadOnlyMemory<byte> Skeleton(Call call) => RecordPayload.Write(CreateRecord(call, call.Progress, Dead, default, UsageSource.None, 0));

    /// <summary>What is booked if this gateway dies now.</summary>
    public static UsageRecord SoFar(Call call)
    {
        // Its own thread goes on meanwhile, perhaps to another model.
        var progress = call.Progress;
        var delivered = progress.DeliveredBytes;
        if (delivered == 0)
        {
            return CreateRecord(call, progress, Dead, default, UsageSource.None, 0);
        }

        var completion = call.Operation == ApiOperation.Embeddings ? 0 : Bounded((delivered / BytesPerToken) + 1);
        var tokens = new TokenUsage(Bounded(call.Envelope.TextBytes / BytesPerToken), 0, 0, completion, 0);
        return CreateRecord(call, progress, Dead, tokens, UsageSource.Estimated, StatusCodes.Status200OK);
    }

    private static UsageRecord CreateRecord(Call call, CallProgress progress, CallOutcome outcome, TokenUsage tokens, UsageSource source, int httpStatus)
    {
        var price = progress.Target.Model.Price;
        var requestPrice = source == UsageSource.None ? 0 : price.Request;
        var bill = CostCalculator.Bill(tokens, price, requestPrice);
        var purchase = progress.Target.Model.Purchase;
        return new UsageRecord
        {
            RequestId = call.Id.Value,
            AccountId = call.Caller.AccountId,
            KeyId = call.Caller.KeyId,
            Provider = progress.Target.Provider.Name,
            Model = progress.Target.CanonicalName,
            Stream = call.Envelope.Stream,
            Status = outcome.Status,
            UsageSource = source,
            Tokens = tokens with { Quantities = null },
            Quantities = BilledQuantity.Write(bill.Quantities),
            Prices = price.For(tokens.PromptTokens),
            RequestPrice = requestPrice,
            Currency = call.Catalog.Currency,
            Cost = bill.Cost,
            PurchaseCost = purchase is null ? null : CostCalculator.Bill(tokens, purchase, source == UsageSource.None ? 0 : purchase.Request).Cost,
            CatalogRevision = call.Catalog.Revision,
            StartedAt = call.Id.ArrivedAt,
            DurationMs = call.ElapsedMs,
            FirstTokenMs = progress.FirstTokenMs,
            AdmissionMs = outcome.Status == CallStatus.Abandoned ? null : call.AdmissionMs,
            HttpStatus = httpStatus,
            ErrorCode = outcome.Error is { } error ? error.Code ?? error.Type : null,
            Attempts = progress.Attempts,
        };
    }

    private static long Bounded(long count) => Math.Min(count, TokenUsage.MaxCount);
}
