using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration;

public sealed class KeyRulesTests
{
    private static readonly DateTime Now = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);
    private static readonly KeyPolicy Plain = new("Key");

    [Fact]
    public void Check_OfEditWithoutMembers_FindsNothing() => Fields(new KeyPolicy(default), isNew: false).Should().BeEmpty();

    [Fact]
    public void Check_OfNewKeyWithoutName_NamesIt() => Fields(new KeyPolicy(default), isNew: true).Should().Equal("name");

    [Fact]
    public void ExpiresAt_HasToBeLaterThanNow()
    {
        Fields(Plain with { ExpiresAt = Now.AddMilliseconds(1) }).Should().BeEmpty();
        Fields(Plain with { ExpiresAt = Now }).Should().Equal("expiresAt");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(LimitChanges.MaxLimit, true)]
    [InlineData(0, false)]
    [InlineData(LimitChanges.MaxLimit + 1, false)]
    public void Limits_AreTakenWithinTheirBounds(long limit, bool isTaken)
    {
        var fields = Fields(Plain with { Limits = new LimitChanges(limit, limit, limit) });

        fields.Should().BeEquivalentTo(isTaken ? [] : ["requestsPerMinute", "tokensPerMinute", "maxConcurrent"]);
    }

    [Theory]
    [InlineData("0.000000001", true)]
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData("1000000000.1", false)]
    public void SpendLimit_IsTakenWithinItsBounds(string amount, bool isTaken) =>
        Fields(Plain with { Limits = new LimitChanges(SpendLimit: new SpendLimit(Money.Parse(amount), SpendLimitPeriod.Day)) }).Should().HaveCount(isTaken ? 0 : 1);

    [Fact]
    public void Lists_HaveToHoldOneToAHundredEntries()
    {
        Fields(Plain with { Models = Models(100) }).Should().BeEmpty();
        Fields(Plain with { Models = Models(101) }).Should().Equal("models");
        Fields(Plain with { Models = Models(0) }).Should().Equal("models");
    }

    [Fact]
    public void Pattern_TooLong_IsNamedByItsPlace()
    {
        string[] models = ["demo:*", new string('x', KeyRules.MaxPatternLength + 1)];

        Fields(Plain with { Models = models }).Should().Equal("models[1]");
    }

    private static string[] Models(int count) => [.. Enumerable.Range(0, count).Select(i => $"demo:{i}")];

    private static IEnumerable<string> Fields(KeyPolicy policy, bool isNew = true)
    {
        var errors = new FieldErrors();
        policy.Check(errors, isNew, Now);
        return errors.ByField.Keys;
    }
}
