using MixGateway.Billing;

namespace MixGateway.Usage;

/// <summary>Is told of every balance that the books changed, so that views of it in memory stay fresh.</summary>
internal interface IAccountObserver
{
    /// <summary>
    /// Called after the commit and before the bookings are answered, one call at a time for one gateway; quick, and never throws.
    /// Changes by others arrive by other ways and out of order: a lower <paramref name="version"/> than the known one is old news.
    /// </summary>
    void OnBalance(Guid accountId, Money balance, long version);
}
