using MixGateway.Administration;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration;

public sealed class LedgerEntryTests
{
    [Fact]
    public void Time_OfACallsEntry_IsShownInWholeMilliseconds()
    {
        var shown = new DateTime(2026, 11, 22, 18, 30, 0, 486, DateTimeKind.Utc);
        var row = new LedgerEntryRow
        {
            AccountId = default,
            Sequence = 1,
            Id = default,
            Kind = LedgerKind.Usage,
            Amount = -1,
            BalanceAfter = 0,
            CreatedAt = shown.AddTicks(8161),
        };

        LedgerEntry.Of(row).CreatedAt.Should().Be(shown);
    }
}
