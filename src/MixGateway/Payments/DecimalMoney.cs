using MixGateway.Billing;

namespace MixGateway.Payments;

/// <summary>Between amounts and the decimals of settings and of other systems' texts. Both are exact.</summary>
internal static class DecimalMoney
{
    /// <exception cref="OverflowException">Out of range.</exception>
    public static Money Money(this decimal amount) => new((long)(amount * Billing.Money.NanosPerUnit));

    public static decimal Decimal(this Money amount) => (decimal)amount.Nanos / Billing.Money.NanosPerUnit;
}
