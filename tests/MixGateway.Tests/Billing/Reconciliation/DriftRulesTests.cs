using MixGateway.Billing;
using MixGateway.Billing.Reconciliation;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Tests.Billing.Reconciliation;

public sealed class DriftRulesTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly AccountBooks Books = new(Id, new(90), 5, new(90), new(10), new(10), new(new(10), new(10)), new(10));
    private static readonly AccountSnapshot Hot = new(new(90), 5, new(1), new(2), 1, new(1), new(2), 1, 2, TimeSpan.Zero);
    private static readonly DateTime Now = new(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = Lease + DriftRules.Slack;

    [Fact]
    public void Check_EverythingAddsUp_IsNothing()
    {
        DriftRules.Check(Books, Hot).Should().BeEmpty();
        DriftRules.Check(Books, null).Should().BeEmpty("an account that the hot store does not know has nothing there");
        DriftRules.Check(Books with { Balance = new(80), Ledger = new(80), Version = 6 }, Hot).Should().BeEmpty("the database went on meanwhile");
        DriftRules.Check(Books with { Records = null }, Hot).Should().BeEmpty();
        DriftRules.Check(Books with { Records = new(new(4), new(4)) }, Hot).Should().BeEmpty("the records of the other days are no longer kept");
    }

    [Fact]
    public void Check_EachRuleBroken_IsNamedWithBothValues()
    {
        Only(Books with { Ledger = new(91) }, Hot).Should().Be((DriftKind.Balance, "0.000000091", "0.00000009"));
        Only(Books with { Records = new(new(10), new(11)) }, Hot).Should().Be((DriftKind.UsageDaily, "0.000000011", "0.00000001"));
        Only(Books with { Records = null, Charges = new(12) }, Hot).Should().Be((DriftKind.UsageDaily, "0.000000012", "0.00000001"));
        Only(Books with { Spend = new(9) }, Hot).Should().Be((DriftKind.Spend, "0.00000001", "0.000000009"));
        Only(Books, Hot with { Version = 6 }).Should().Be((DriftKind.Version, "5", "6"));
        Only(Books, Hot with { Base = new(91) }).Should().Be((DriftKind.Base, "0.00000009", "0.000000091"));
        Only(Books, Hot with { Pending = new(2) }).Should().Be((DriftKind.Pending, "0.000000001", "0.000000002"));
        Only(Books, Hot with { Held = new(3) }).Should().Be((DriftKind.Held, "0.000000002", "0.000000003"));
        Only(Books, Hot with { Running = 0 }).Should().Be((DriftKind.Running, "1", "0"));
    }

    [Theory]
    [InlineData(0, 49, 0)]
    [InlineData(0, 51, 1)]
    [InlineData(3600, 49, 0)]
    [InlineData(3600, 51, 1)]
    public void CheckAges_CallWhoseLastSignIsLongAgo_IsOverdue(int ranFor, int silentFor, int overdue)
    {
        var startedAt = Now.AddSeconds(-ranFor - silentFor);

        var drifts = DriftRules.CheckAges([CallOf(startedAt, ranFor)], Now, Lease, Limit).ToList();

        drifts.Should().HaveCount(overdue);
        drifts.Should().AllBeEquivalentTo(new Drift(Id, DriftKind.Overdue, "0", "1"));
    }

    [Fact]
    public void CheckAges_WhileAStoreWasDown_IsNothing() =>
        DriftRules.CheckAges([CallOf(Now.AddHours(-1), 0)], Now, Lease, Limit - TimeSpan.FromSeconds(1)).Should().BeEmpty();

    [Fact]
    public void CheckAges_UnreadableRecord_CountsFromItsAdmission()
    {
        var call = CallOf(Now.AddHours(-1), 0) with { Record = default };
        DriftRules.CheckAges([call], Now, Lease, Limit).Should().ContainSingle();
        DriftRules.CheckAges([call with { AdmittedAt = Now }], Now, Lease, Limit).Should().BeEmpty();
    }

    private static (DriftKind, string, string) Only(AccountBooks books, AccountSnapshot hot)
    {
        var drift = DriftRules.Check(books, hot).Should().ContainSingle().Subject;
        drift.AccountId.Should().Be(Id);
        return (drift.Kind, drift.Expected, drift.Actual);
    }

    private static StoredCall CallOf(DateTime startedAt, int ranForSeconds)
    {
        var requestId = Guid.CreateVersion7(new DateTimeOffset(startedAt));
        var record = new UsageRecord
        {
            RequestId = requestId,
            AccountId = Id,
            KeyId = Id,
            Provider = "sim",
            Model = "sim:model",
            Stream = true,
            Status = CallStatus.Abandoned,
            UsageSource = UsageSource.None,
            Tokens = default,
            Prices = new TokenPrices(0, 0, 0, 0, 0),
            RequestPrice = 0,
            Currency = "USD",
            Cost = Money.Zero,
            CatalogRevision = 1,
            StartedAt = startedAt,
            DurationMs = ranForSeconds * 1000,
            HttpStatus = 0,
            Attempts = 1,
        };
        return new StoredCall(
            requestId, StoredCallState.Held, false, Id, Id, Money.Zero, Money.Zero, new BillingPeriod("", ""), startedAt, false, RecordPayload.Write(record));
    }
}
