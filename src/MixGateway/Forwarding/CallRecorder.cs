using MixGateway.Billing;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>What was seen of an answer: the provider's report if there was one, else the text to count.</summary>
/// <param name="Reported">The provider's last usage report.</param>
/// <param name="Text">The text that went to the caller; null where nothing did.</param>
internal readonly record struct AnswerFacts(TokenUsage? Reported, DeliveredText? Text);

/// <summary>Makes a call's one usage record and offers it to the books.</summary>
internal sealed class CallRecorder(IBooks books, TokenEstimator estimator)
{
    /// <summary>The status of a call whose caller left before an answer, as nginx writes it.</summary>
    public const int CallerClosedRequest = 499;

    /// <summary>Offers the call's record; only after <see cref="BookingResult.Booked"/> may the end of a completed answer go out.</summary>
    public ValueTask<BookingResult> RecordAsync(Call call, CallOutcome outcome, AnswerFacts facts, int httpStatus)
    {
        call.Recorded = true;
        return books.BookAsync(CreateRecord(call, outcome, facts, httpStatus));
    }

    private UsageRecord CreateRecord(Call call, CallOutcome outcome, AnswerFacts facts, int httpStatus)
    {
        var (tokens, source) = Count(call, outcome, facts);
        var price = call.Target.Model.Price;
        var prices = price.For(tokens.PromptTokens);
        var requestPrice = source == UsageSource.None ? 0 : price.Request;
        return new UsageRecord
        {
            RequestId = call.Id.Value,
            AccountId = call.Caller.AccountId,
            KeyId = call.Caller.KeyId,
            Provider = call.Target.Provider.Name,
            Model = call.Target.CanonicalName,
            Stream = call.Envelope.Stream,
            Status = outcome.Status,
            UsageSource = source,
            Tokens = tokens,
            Prices = prices,
            RequestPrice = requestPrice,
            Currency = call.Catalog.Currency,
            Cost = CostCalculator.Cost(tokens, prices, requestPrice),
            CatalogRevision = call.Catalog.Revision,
            StartedAt = call.Id.ArrivedAt,
            DurationMs = call.ElapsedMs,
            FirstTokenMs = call.FirstTokenMs,
            HttpStatus = httpStatus,
            ErrorCode = outcome.Error is { } error ? error.Code ?? error.Type : null,
            Attempts = call.Attempts,
        };
    }

    /// <summary>A report wins, a reported zero too; without one, what was delivered is counted; what was not delivered is free.</summary>
    private (TokenUsage Tokens, UsageSource Source) Count(Call call, CallOutcome outcome, AnswerFacts facts)
    {
        if (facts.Reported is { } reported)
        {
            return (reported, UsageSource.Reported);
        }

        var deliveredBytes = facts.Text?.TotalBytes ?? 0;
        if (deliveredBytes == 0 && outcome.Status != CallStatus.Completed)
        {
            return (default, UsageSource.None);
        }

        var prompt = estimator.CountPrompt(call.Body.Span, call.BodyLength);
        var completion = facts.Text is { } text && call.Operation != ApiOperation.Embeddings ? estimator.CountAnswer(text.Kept, text.TotalBytes) : 0;
        return (new TokenUsage(Bounded(prompt), 0, 0, Bounded(completion), 0), UsageSource.Estimated);
    }

    private static long Bounded(long count) => Math.Min(count, TokenUsage.MaxCount);
}
