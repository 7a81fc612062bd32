namespace MixGateway.OpenAI;

/// <summary>The endpoints whose bodies the gateway reads.</summary>
internal enum ApiOperation
{
    ChatCompletions,
    Completions,
    Embeddings,
}
