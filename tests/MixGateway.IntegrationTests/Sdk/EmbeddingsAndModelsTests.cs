using OpenAI.Embeddings;
using OpenAI.Models;

namespace MixGateway.IntegrationTests.Sdk;

/// <summary>The other clients of the official .NET SDK that have a place here.</summary>
public abstract class EmbeddingsAndModelsTests(SdkGateway gateway)
{
    [Fact]
    public async Task GenerateEmbeddings_SeveralInputs_AreReadAndBilledByTheirPrompt()
    {
        var calls = new CallLog();
        var embeddings = gateway.Client(calls).GetEmbeddingClient("sim:vectors");

        OpenAIEmbeddingCollection answer = await embeddings.GenerateEmbeddingsAsync(["one two", "three"], new EmbeddingGenerationOptions { Dimensions = 16 });

        answer.Should().HaveCount(2);
        answer.Should().OnlyContain(vector => vector.ToFloats().Length == 16);
        answer[0].ToFloats().ToArray().Should().NotEqual(answer[1].ToFloats().ToArray());
        answer.Model.Should().Be("sim:vectors");
        var record = await gateway.RecordAsync(calls);
        record.GetProperty("promptTokens").GetInt64().Should().Be(answer.Usage.InputTokenCount).And.BePositive();
        record.GetProperty("completionTokens").GetInt64().Should().Be(0);
        record.GetProperty("usageSource").GetString().Should().Be("reported");
    }

    [Fact]
    public async Task GetModels_ConfiguredModels_AreListedByTheirFullNames()
    {
        OpenAIModelCollection models = await gateway.Client().GetOpenAIModelClient().GetModelsAsync();

        models.Should().ContainSingle(model => model.Id == SdkGateway.ListedModel).Which.OwnedBy.Should().Be("sim");
        models.Should().NotContain(model => model.Id.Contains('*'));
    }

    [Fact]
    public async Task GetModel_ByFullName_IsFound()
    {
        OpenAIModel model = await gateway.Client().GetOpenAIModelClient().GetModelAsync(SdkGateway.ListedModel);

        model.Id.Should().Be(SdkGateway.ListedModel);
    }

    [Collection(SqliteSdkCollection.Name)]
    public sealed class Sqlite(SqliteSdkGateway gateway) : EmbeddingsAndModelsTests(gateway);

    [Collection(PostgresSdkCollection.Name)]
    public sealed class Postgres(PostgresSdkGateway gateway) : EmbeddingsAndModelsTests(gateway);
}
