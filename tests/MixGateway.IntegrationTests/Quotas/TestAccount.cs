using System.Text;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>An account with one key, and short ways to do things with it.</summary>
internal sealed class TestAccount(HotStoreClient client)
{
    public static readonly BillingPeriod Today = new("2026-11-22", "2026-11");
    public static readonly Spent NothingSpent = new(Today, Money.Zero, Money.Zero, Money.Zero);

    public HotStoreClient Client { get; } = client;

    public Guid Id { get; init; } = Guid.NewGuid();

    public Guid KeyId { get; } = Guid.NewGuid();

    public CallLimits Limits { get; set; } = CallLimits.None;

    public CallLimits KeyLimits { get; set; } = CallLimits.None;

    public bool IsSuspended { get; set; }

    public bool IsRevoked { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public Spent Spent { get; set; } = NothingSpent;

    public int Shard => AccountShard.Of(Id);

    public static ReadOnlyMemory<byte> Record(string text) => Encoding.UTF8.GetBytes(text);

    /// <param name="changed">Version of the last change that was no booking; the last one, where it is not given.</param>
    public AccountState State(long balance, long version, long? changed = null) => new(
        Id, new Money(balance), version, changed ?? version, IsSuspended, Limits, Spent, [new KeyState(KeyId, IsRevoked, ExpiresAt, KeyLimits, Spent)]);

    public async Task InstallAsync(long balance, long version = 1, long? changed = null) =>
        (await Client.Accounts.InstallAsync(State(balance, version, changed))).Should().BeTrue();

    public AdmissionRequest Request(long hold, long tokens = 0, Guid? id = null, BillingPeriod? period = null) => new(
        id ?? Guid.CreateVersion7(), Id, KeyId, new Money(hold), tokens, period ?? Today, Record("skeleton"), KeyVersion.Any);

    public ValueTask<Admission> AdmitAsync(long hold, long tokens = 0, Guid? id = null, BillingPeriod? period = null) =>
        Client.Calls.AdmitAsync(Request(hold, tokens, id, period));

    /// <summary>Admits a call that must be admitted.</summary>
    public async Task<CallTicket> HoldAsync(long hold, long tokens = 0, BillingPeriod? period = null)
    {
        var admission = await AdmitAsync(hold, tokens, period: period);
        admission.Status.Should().Be(AdmissionStatus.Held, "{0}", admission.Refusal);
        return admission.Ticket!;
    }

    public async Task<Money> SettleAsync(CallTicket ticket, long cost, long tokens = 0, string record = "record")
    {
        var answer = await Client.Calls.SettleAsync(ticket, new Money(cost), tokens, Record(record));
        answer.Answer.Should().Be(CallAnswer.Ok);
        return answer.Amount;
    }

    public async Task<AccountView> ViewAsync()
    {
        var answer = await Client.Accounts.InspectAsync(Id, KeyId);
        answer.Answer.Should().Be(CallAnswer.Ok);
        return answer.Value!;
    }

    public async Task<long> AvailableAsync() => (await ViewAsync()).Available.Nanos;

    public async Task<AccountSnapshot> SnapshotAsync() => (await Client.Accounts.SnapshotAsync(Id)).Value!;
}
