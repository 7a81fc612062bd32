using MixGateway.Administration;
using MixGateway.Storage;

namespace MixGateway.Tests.Administration;

public sealed class PaymentEntryTests
{
    [Theory]
    [InlineData(10, 72, 0, 0)]
    [InlineData(10, 72, 72, 10)]
    [InlineData(10, 72, 100, 10)]
    [InlineData(10, 72, 36, 5)]
    [InlineData(10, 72, 1, 0)]
    [InlineData(10, 3, 1, 3)]
    [InlineData(10, 3, 2, 7)]
    [InlineData(1, 2, 1, 1)]
    [InlineData(1_000_000_000_000_000_000, 7_200_000_000_000_000_000, 3_600_000_000_000_000_000, 500_000_000_000_000_000)]
    public void Share_OfAPartOfThePrice_IsThatPartOfTheAmount(long amount, long price, long reversed, long share) =>
        PaymentEntry.Share(Row(amount, price), reversed).Should().Be(share);

    private static PaymentRow Row(long amount, long price) => new()
    {
        Id = Guid.Empty,
        AccountId = Guid.Empty,
        Provider = PaymentProvider.Epay,
        Amount = amount,
        Price = price,
        PriceCurrency = "CNY",
        CreatedAt = default,
    };
}
