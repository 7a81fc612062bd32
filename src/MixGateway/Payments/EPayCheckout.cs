using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;
using MixGateway.Administration;

namespace MixGateway.Payments;

/// <summary>Sends a payer to an EPay site: a signed address that the browser opens; nothing is asked of the site before.</summary>
internal sealed class EPayCheckout(IOptions<PaymentsOptions> options)
{
    private readonly PaymentsOptions _options = options.Value;

    /// <param name="method">One of <see cref="EPayOptions.GetOfferedMethods"/>.</param>
    public string AddressFor(Payment payment, string method)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["pid"] = _options.EPay.Pid!,
            ["type"] = method,
            ["out_trade_no"] = payment.Id.ToString("N"),
            ["notify_url"] = _options.NotifyUrl!.TrimEnd('/') + NotificationEndpoints.EPayPath,
            ["return_url"] = _options.ReturnUrl!,
            ["name"] = _options.ProductName,
            ["money"] = payment.Price.Decimal().ToString("0.00", CultureInfo.InvariantCulture),
        };
        parameters[EPaySignature.Member] = EPaySignature.Of(parameters, _options.EPay.Key!);
        parameters[EPaySignature.TypeMember] = EPaySignature.Type;
        return $"{_options.EPay.Url!.TrimEnd('/')}/submit.php{new QueryBuilder(parameters).ToQueryString()}";
    }
}
