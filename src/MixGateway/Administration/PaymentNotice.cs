using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What a provider says of a payment. Whoever makes one has verified that the provider said it.</summary>
/// <param name="AccountId">Whose payment the provider says it is; null if it does not know.</param>
/// <param name="Paid">In <paramref name="Currency"/>, as the provider took it.</param>
/// <param name="ProviderId">The provider's own id of the payment.</param>
/// <param name="ProviderPaymentId">By which it will name refunds, if that is another one.</param>
internal sealed record PaymentNotice(
    PaymentProvider Provider, Guid PaymentId, Guid? AccountId, Money Paid, string Currency, string ProviderId, string? ProviderPaymentId = null);

/// <summary>Money of a payment that goes back to the payer, or comes back again.</summary>
/// <param name="Id">The provider's id of the refund or dispute.</param>
/// <param name="Amount">In <paramref name="Currency"/>.</param>
/// <param name="IsReturned">The refund failed, or the dispute was won.</param>
internal sealed record PaymentReversal(
    PaymentProvider Provider, Guid PaymentId, string Id, Money Amount, string Currency, bool IsReturned);

/// <summary>What became of a notification.</summary>
internal enum PaymentAnswer
{
    /// <summary>It is in the books, now or from before.</summary>
    Done,

    /// <summary>It is genuine and of no concern: of another payment, or of something that changes nothing here.</summary>
    Ignored,

    /// <summary>It is not genuine, or does not fit the payment. Nothing was changed.</summary>
    Refused,

    /// <summary>What is needed to tell does not answer; it has to be sent again.</summary>
    Unavailable,
}
