using Microsoft.Extensions.Options;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// Decides which tokens a call is billed for. A plausible report wins, a reported zero too; what is not reported is counted, and a count
/// never exceeds what the call was allowed to use, so that no estimate costs more than the hold.
/// </summary>
internal sealed partial class CallTokens(TokenEstimator estimator, HiddenReasoning hidden, ForwardingMetrics metrics, IOptions<QuotasOptions> options, ILogger<CallTokens> logger)
{
    /// <summary>
    /// Providers may exceed a limit: some do not count reasoning towards it, some round up. A completion of more than this many times the
    /// bound and <see cref="CompletionSlack"/> tokens besides is a mistake.
    /// </summary>
    private const int BoundSlack = 4;
    private const long CompletionSlack = 16_384;

    /// <summary>Where no limit of any kind is known. No model of today answers with more.</summary>
    private const long MostCompletion = 1_000_000;

    /// <summary>Where the context length is not known. No model of today reads more.</summary>
    private const long MostPrompt = 10_000_000;

    /// <summary>The tokens to bill.</summary>
    /// <param name="outcome">How the call ended.</param>
    public (TokenUsage Tokens, UsageSource Source) Count(Call call, CallOutcome outcome, AnswerFacts facts)
    {
        var bound = HoldCalculator.TokensOf(call.Target.Model, call.Size, options.Value.DefaultMaxOutputTokens);
        var reported = Plausible(call, facts.Reported, facts.Text, bound);
        return outcome.Status switch
        {
            CallStatus.Completed => Complete(call, reported, facts.Text, bound),
            CallStatus.Aborted => CountAborted(call, reported, facts, bound),
            _ => CountFailed(call, reported, facts, bound),
        };
    }

    /// <summary>Takes the report, and counts a side that it does not have.</summary>
    private (TokenUsage Tokens, UsageSource Source) Complete(Call call, ReportedUsage? reported, DeliveredText? text, TokenBound bound)
    {
        if (reported is { HasPrompt: true, HasCompletion: true } whole)
        {
            return (whole.Tokens, UsageSource.Reported);
        }

        var tokens = reported?.Tokens ?? default;
        tokens = reported is { HasPrompt: true } ? tokens : tokens with { PromptTokens = CountPrompt(call, bound) };
        tokens = reported is { HasCompletion: true } ? tokens : tokens with { CompletionTokens = CountAnswer(call, text, bound) };
        return (tokens, UsageSource.Estimated);
    }

    /// <summary>
    /// The caller left, or the call was stopped. Once the provider was sent the request, at least the prompt is billed; text that came
    /// after the last report is counted.
    /// </summary>
    private (TokenUsage Tokens, UsageSource Source) CountAborted(Call call, ReportedUsage? reported, AnswerFacts facts, TokenBound bound)
    {
        if (reported is null && !call.WasSent && facts.Text is not { TotalBytes: > 0 })
        {
            return (default, UsageSource.None);
        }

        var (tokens, source) = Complete(call, reported, facts.Text, bound);
        return facts.ReportIsBehind ? CatchUp(call, tokens, source, facts.Text, bound) : (tokens, source);
    }

    /// <summary>A provider that fails before its answer ends is paid for nothing beyond what was delivered, whatever it reports.</summary>
    private (TokenUsage Tokens, UsageSource Source) CountFailed(Call call, ReportedUsage? reported, AnswerFacts facts, TokenBound bound)
    {
        if (facts.Text is not { TotalBytes: > 0 } text)
        {
            return (default, UsageSource.None);
        }

        var (tokens, source) = Complete(call, reported, text, bound);
        if (facts.ReportIsBehind)
        {
            return CatchUp(call, tokens, source, text, bound);
        }

        var delivered = CountAnswer(call, text, bound);
        return delivered < tokens.CompletionTokens
            ? (tokens with { CompletionTokens = delivered, ReasoningTokens = Math.Min(tokens.ReasoningTokens, delivered), Quantities = null }, UsageSource.Estimated)
            : (tokens, source);
    }

    /// <summary>An answer that broke off after an early report: what was delivered since is in no report.</summary>
    private (TokenUsage Tokens, UsageSource Source) CatchUp(Call call, TokenUsage tokens, UsageSource source, DeliveredText? text, TokenBound bound)
    {
        var completion = CountAnswer(call, text, bound);
        return completion > tokens.CompletionTokens ? (tokens with { CompletionTokens = completion }, UsageSource.Estimated) : (tokens, source);
    }

    /// <summary>A count that cannot be is no report at all: half of one that is wrong is not to be trusted either.</summary>
    private ReportedUsage? Plausible(Call call, ReportedUsage? reported, DeliveredText? text, TokenBound bound)
    {
        if (reported is not { Tokens: var tokens })
        {
            return null;
        }

        var model = call.Target.Model;
        var mostPrompt = model.ContextLength is { } context ? (long)Int128.Min((Int128)context * Math.Max(1, call.Size.Prompts), TokenUsage.MaxCount) : MostPrompt;
        var isLimited = call.Size.MaxTokens is not null || model.MaxOutputTokens is not null;
        var mostCompletion = isLimited ? WithSlack(bound.Output) : Math.Max(WithSlack(bound.Output), MostCompletion);
        if (tokens.PromptTokens <= mostPrompt && tokens.CompletionTokens <= mostCompletion)
        {
            if (text is not null)
            {
                hidden.Learn(call.Target, tokens, text);
            }

            return reported;
        }

        metrics.ReportRefused(call);
        Log.Implausible(logger, call.Id.Value, call.Target.CanonicalName, tokens.PromptTokens, tokens.CompletionTokens, mostPrompt, mostCompletion);
        return null;
    }

    private static long WithSlack(long bound) => (long)Int128.Min(((Int128)bound * BoundSlack) + CompletionSlack, TokenUsage.MaxCount);

    private long CountPrompt(Call call, TokenBound bound)
    {
        var envelope = call.Envelope;
        return Math.Min(estimator.CountPrompt(call.Body.Span, new PromptSize(envelope.TextBytes, envelope.MediaItems, call.Operation)), bound.Prompt);
    }

    private long CountAnswer(Call call, DeliveredText? text, TokenBound bound) =>
        text is null || call.Operation == ApiOperation.Embeddings ? 0 : Math.Min(estimator.CountAnswer(text.Kept, text.TotalBytes), bound.Output);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Usage report of call {RequestId} refused: {Model} reports {PromptTokens} + {CompletionTokens} tokens where at most {MostPrompt} + {MostCompletion} are possible. The call is estimated", EventName = "UsageReportRefused")]
        public static partial void Implausible(ILogger logger, Guid requestId, string model, long promptTokens, long completionTokens, long mostPrompt, long mostCompletion);
    }
}
