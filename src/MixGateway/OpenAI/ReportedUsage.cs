namespace MixGateway.OpenAI;

/// <summary>What a provider reported about one answer.</summary>
/// <param name="Tokens">The counts; a side that was not reported is 0 here.</param>
/// <param name="HasPrompt">False if the report says nothing about the prompt: absent is not zero.</param>
/// <param name="HasCompletion">False if the report says nothing about the completion.</param>
internal readonly record struct ReportedUsage(TokenUsage Tokens, bool HasPrompt = true, bool HasCompletion = true);
