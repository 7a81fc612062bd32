using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>What was seen of an answer: the provider's report if there was one, else the text to count.</summary>
/// <param name="Reported">The provider's last usage report.</param>
/// <param name="Text">The text of the answer as far as it was read; null where no answer came.</param>
/// <param name="ReportIsBehind">True if text came after the report.</param>
internal readonly record struct AnswerFacts(ReportedUsage? Reported, DeliveredText? Text, bool ReportIsBehind = false)
{
    /// <summary>Everything that the judge of an answer has learned.</summary>
    public static AnswerFacts Of(AnswerJudge judge) => new(judge.Usage, judge.Text, judge.UsageIsBehind);
}
