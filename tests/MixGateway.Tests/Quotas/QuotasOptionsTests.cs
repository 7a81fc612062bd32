using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class QuotasOptionsTests
{
    private static readonly QuotasOptionsValidator Validator = new();

    [Fact]
    public void Validate_Defaults_Succeeds() => Validator.Validate(null, new QuotasOptions()).Succeeded.Should().BeTrue();

    [Fact]
    public void Validate_NothingIsEverForgotten_Succeeds() => Validator.Validate(null, new QuotasOptions { ForgetIdle = TimeSpan.Zero }).Succeeded.Should().BeTrue();

    [Fact]
    public void Validate_EverythingWrong_NamesEachKey()
    {
        var result = Validator.Validate(null, new QuotasOptions
        {
            Lease = TimeSpan.FromSeconds(1),
            Heartbeat = TimeSpan.FromSeconds(20),
            Sweep = TimeSpan.Zero,
            DefaultMaxOutputTokens = 0,
            InsufficientQuotaStatus = 400,
            MaxPending = 0,
            HotStore = (HotStoreKind)9,
            EmbeddedMemory = 1,
            ForgetIdle = TimeSpan.FromMinutes(1),
        });
        string[] keys = ["Lease", "Heartbeat", "Sweep", "DefaultMaxOutputTokens", "InsufficientQuotaStatus", "MaxPending", "HotStore", "EmbeddedMemory", "ForgetIdle"];
        result.Failures.Should().HaveCount(keys.Length);
        foreach (var key in keys)
        {
            result.Failures.Should().Contain(f => f.StartsWith($"Quotas:{key} ", StringComparison.Ordinal));
        }
    }
}
