using MixGateway.Forwarding;
using MixGateway.OpenAI;

namespace MixGateway.Tests.Forwarding;

public sealed class UnknownModelVerdictTests
{
    private const string Id = "gpt-9";
    private const string Name = "openai:gpt-9";

    [Theory]
    [InlineData(404, "model_not_found", null, "The model `openai:gpt-9` does not exist or you do not have access to it.", "ByItsCode")]
    [InlineData(400, "ModelNotExist", null, "Nope.", "ByItsCode")]
    [InlineData(404, null, "model", "Nope.", "ByItsCode")]
    [InlineData(400, null, null, "gpt-9 is not a valid model ID", "ByItsWords")]
    [InlineData(404, "404", null, "The model `gpt-9` does not exist.", "ByItsWords")]
    [InlineData(404, null, null, "model \"openai:gpt-9\" not found, try pulling it first", "ByItsWords")]
    [InlineData(400, "invalid_request_error", null, "Model Not Exist", "ByItsWords")]
    [InlineData(404, null, null, "No such File object: file-1, although a model was asked for", "No")]
    [InlineData(404, null, null, "Not Found", "No")]
    [InlineData(400, null, "model", "gpt-9 does not support images.", "No")]
    [InlineData(400, "context_length_exceeded", "messages", "This model's maximum context length is 8192 tokens.", "No")]
    [InlineData(500, "model_not_found", null, "The model `gpt-9` does not exist.", "No")]
    [InlineData(403, null, null, "The model gpt-9 was not found.", "No")]
    public void Error_OfAProvider_IsAboutAnUnknownModelOrNot(int status, string? code, string? param, string message, string verdict) =>
        UnknownModelVerdicts.Of(new OpenAIError(status, "invalid_request_error", code, message, param), Id, Name).ToString().Should().Be(verdict);
}
