using System.Collections.Frozen;
using System.Collections.Immutable;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class ModelLabelsTests
{
    private static readonly Price Free = new(new TokenPrices(0, 0, 0, 0, 0), 0, [], ImmutableDictionary<string, long>.Empty);

    private static readonly Provider Sim = new()
    {
        Name = "sim",
        BaseUrl = new Uri("http://sim.invalid/v1"),
        Credentials = [new Credential("0", "")],
        Models = FrozenDictionary<string, Model>.Empty,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        FirstByteTimeout = TimeSpan.FromSeconds(1),
        IdleTimeout = TimeSpan.FromSeconds(1),
        TotalTimeout = TimeSpan.FromSeconds(1),
        DrainTimeout = TimeSpan.FromSeconds(1),
        OnDisconnect = OnDisconnect.Cancel,
        RefusedFields = [],
        RemovedFields = [],
        ClusterSettings = ImmutableSortedDictionary<string, string>.Empty,
    };

    [Fact]
    public void Label_OfAModelInTheCatalog_IsItsIdAtOnce() =>
        new ModelLabels(0).Of(Named("gpt"), answered: false).Should().Be("gpt");

    [Fact]
    public void Label_OfANameUnderAWildcard_IsItsIdOnceItWasAnswered()
    {
        var labels = new ModelLabels(10);

        labels.Of(Wild("made-up"), answered: false).Should().Be(ModelLabels.Other);
        labels.Of(Wild("real"), answered: true).Should().Be("real");
        labels.Of(Wild("real"), answered: false).Should().Be("real", "the name is known from now on");
    }

    [Fact]
    public void Labels_OfManyNamesFromManyThreads_AreNoMoreThanTheLimit()
    {
        var labels = new ModelLabels(7);
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();

        Parallel.For(0, 10_000, i => seen.TryAdd(labels.Of(Wild($"m{i % 500}"), answered: true), true));

        seen.Keys.Should().HaveCount(8).And.Contain(ModelLabels.Other);
    }

    private static ResolvedModel Named(string id) => new(Sim, new Model(id, Free, null, null), id, "sim:" + id);

    private static ResolvedModel Wild(string id) => new(Sim, new Model(Model.Wildcard, Free, null, null), id, "sim:" + id);
}
