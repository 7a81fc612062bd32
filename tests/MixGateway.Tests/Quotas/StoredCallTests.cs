using System.Text;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class StoredCallTests
{
    private const string Id = "00112233445566778899aabbccddeeff";
    private const string Header = "1|S|C|019aa5c8e4007abc8def0123456789ab|019aa5c8e4007abc8def0123456789ac|60|25|100|5|6|2026-11-22|2026-11|1700000000123|1";

    [Fact]
    public void TryRead_Settled_ReadsEveryField()
    {
        var call = StoredCall.TryRead(Id, Encoding.UTF8.GetBytes(Header + "\na\nb|c"))!;
        call.Should().BeEquivalentTo(new
        {
            RequestId = Guid.ParseExact(Id, "N"),
            State = StoredCallState.Settled,
            IsDebit = false,
            AccountId = Guid.Parse("019aa5c8-e400-7abc-8def-0123456789ab"),
            KeyId = Guid.Parse("019aa5c8-e400-7abc-8def-0123456789ac"),
            Hold = new Money(60),
            Cost = new Money(25),
            Period = new BillingPeriod("2026-11-22", "2026-11"),
            AdmittedAt = DateTimeOffset.FromUnixTimeMilliseconds(1700000000123).UtcDateTime,
            IsStopping = true,
        });
        Encoding.UTF8.GetString(call.Record.Span).Should().Be("a\nb|c");
    }

    [Fact]
    public void TryRead_LaterFormatWithMoreFields_ReadsWhatItKnows() =>
        StoredCall.TryRead(Id, Encoding.UTF8.GetBytes("2" + Header[1..] + "|x|y\nr"))!.Cost.Nanos.Should().Be(25);

    [Theory]
    [InlineData("1|X\n")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("1|H|C|notanid|-|1|1|1|1|1|d|m|1|0\n")]
    public void TryRead_NoCall_IsNull(string payload) => StoredCall.TryRead(Id, Encoding.UTF8.GetBytes(payload)).Should().BeNull();
}
