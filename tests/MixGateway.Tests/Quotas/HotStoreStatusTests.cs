using Microsoft.Extensions.Options;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class HotStoreStatusTests
{
    [Fact]
    public void Lose_DurableStore_TakesNoCallsAndTrustsNothingThatIsSettledUntilItWasSeenAgain()
    {
        var status = new HotStoreStatus(Options.Create(new QuotasOptions()));
        var durable = new HotStoreProbe(true, HotStoreKind.Durable, "", 0);
        status.See(durable);
        (status.Answers, status.Kind).Should().Be((true, HotStoreKind.Durable));

        status.Lose();

        (status.Answers, status.Kind, status.Losses).Should().Be((false, HotStoreKind.Volatile, 1));
        status.See(durable);
        (status.Answers, status.Kind).Should().Be((true, HotStoreKind.Durable));
    }
}
