using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>The paths under <c>/v1</c> that are forwarded.</summary>
internal static class OpenAIPaths
{
    public const string Root = "/v1";
    public const string Models = "/v1/models";

    /// <summary>False for a path that is nobody's.</summary>
    public static bool TryGetOperation(PathString path, out ApiOperation operation)
    {
        operation = path.Value switch
        {
            "/v1/chat/completions" => ApiOperation.ChatCompletions,
            "/v1/completions" => ApiOperation.Completions,
            "/v1/embeddings" => ApiOperation.Embeddings,
            _ => (ApiOperation)(-1),
        };
        return operation >= 0;
    }

    /// <exception cref="InvalidOperationException">The path was not checked before.</exception>
    public static ApiOperation OperationOf(PathString path) =>
        TryGetOperation(path, out var operation) ? operation : throw new InvalidOperationException("The path has to be checked first.");
}
