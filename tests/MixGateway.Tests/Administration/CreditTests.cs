using MixGateway.Administration;
using MixGateway.Billing;

namespace MixGateway.Tests.Administration;

public sealed class CreditTests
{
    private static readonly Credit Some = new(Money.Parse("5"), "note", "key", Force: false);

    [Fact]
    public void Hash_OfTheSameMeaning_IsTheSame()
    {
        (Some with { Amount = Money.Parse("5.000") }).Hash().Should().Equal(Some.Hash());
        (Some with { IdempotencyKey = "other" }).Hash().Should().Equal(Some.Hash());
    }

    [Fact]
    public void Hash_OfAnotherMeaning_IsAnother()
    {
        Credit[] others = [Some with { Amount = Money.Parse("-5") }, Some with { Note = null }, Some with { Note = "Note" }, Some with { Force = true }];

        others.Select(other => Convert.ToHexString(other.Hash())).Should().OnlyHaveUniqueItems().And.NotContain(Convert.ToHexString(Some.Hash()));
    }

    [Theory]
    [InlineData("0.000000001", true)]
    [InlineData("-0.000000001", true)]
    [InlineData("1000000000", true)]
    [InlineData("-1000000000", true)]
    [InlineData("0", false)]
    [InlineData("1000000000.000000001", false)]
    [InlineData("-1000000000.000000001", false)]
    [InlineData("-9223372036.854775808", false)]
    public void Amount_IsTakenWithinItsBounds(string amount, bool isTaken)
    {
        var errors = new FieldErrors();

        (Some with { Amount = Money.Parse(amount) }).Check(errors);

        errors.Any.Should().Be(!isTaken);
    }
}
