namespace MixGateway.OpenAI;

/// <summary>A piece of a provider's answer that the caller gets otherwise.</summary>
/// <param name="Range">In bytes from the document's start.</param>
/// <param name="IsModel">True for a value of <c>model</c>, which the canonical name replaces; false for a <c>"usage":null</c>, which is taken out.</param>
internal readonly record struct AnswerEdit(ByteRange Range, bool IsModel);
