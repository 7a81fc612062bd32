using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;
using MixGateway.Forwarding;
using MixGateway.OpenAI;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Forwarding;

public sealed class StreamUsageRefusalsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ShouldAsk_ModelThatRefused_IsNotAskedForAWhile()
    {
        var refusals = new StreamUsageRefusals(_time);
        var (refuses, other) = (Model("a"), Model("b"));

        refusals.ShouldAsk(refuses).Should().BeTrue();
        refusals.Add(refuses);

        refusals.ShouldAsk(refuses).Should().BeFalse();
        refusals.ShouldAsk(other).Should().BeTrue();
        _time.Advance(StreamUsageRefusals.Remembered);
        refusals.ShouldAsk(refuses).Should().BeTrue();
        refusals.ShouldAsk(refuses).Should().BeTrue("it is forgotten");
    }

    [Fact]
    public void ShouldAsk_ProviderThatIsNeverAsked_IsNot() =>
        new StreamUsageRefusals(_time).ShouldAsk(Model("a", """ "RequestStreamUsage": false """)).Should().BeFalse();

    [Fact]
    public void IsHiddenBy_ModelThatReportedReasoningAndShowedNone_IsKnownFromThen()
    {
        var hidden = new HiddenReasoning();
        using var text = new DeliveredText();
        using var shown = new DeliveredText { HasReasoning = true };

        hidden.Learn(Model("shows"), new TokenUsage(1, 0, 0, 9, 5), shown);
        hidden.Learn(Model("plain"), new TokenUsage(1, 0, 0, 9, 0), text);
        hidden.Learn(Model("hides"), new TokenUsage(1, 0, 0, 9, 5), text);

        hidden.IsHiddenBy(Model("shows")).Should().BeFalse();
        hidden.IsHiddenBy(Model("plain")).Should().BeFalse();
        hidden.IsHiddenBy(Model("hides")).Should().BeTrue();
    }

    private static ResolvedModel Model(string id, string settings = "")
    {
        var provider = CatalogJson.Provider(""" "Models": { "*": { "InputPrice": 1, "OutputPrice": 2 } }, """ + settings);
        return new ResolvedModel(provider, provider.Models.Values.First(), id, $"p:{id}");
    }
}
