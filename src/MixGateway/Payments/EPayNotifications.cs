using Microsoft.Extensions.Options;
using MixGateway.Administration;
using MixGateway.Billing;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>Reads what an EPay site reports.</summary>
internal sealed partial class EPayNotifications(PaymentSettlement settlement, IOptions<PaymentsOptions> options, ILogger<EPayNotifications> logger)
{
    /// <summary>The one state that means money.</summary>
    private const string Success = "TRADE_SUCCESS";

    /// <summary>Longer ids are none that a site made.</summary>
    private const int MaxTradeLength = 100;

    private readonly EPayOptions _options = options.Value.EPay;

    public async Task<PaymentAnswer> TakeAsync(IReadOnlyDictionary<string, string> parameters)
    {
        if (!EPaySignature.IsGenuine(parameters, _options.Key!) || parameters.GetValueOrDefault("pid") != _options.Pid)
        {
            Log.Forged(logger);
            return PaymentAnswer.Refused;
        }

        if (parameters.GetValueOrDefault("trade_status") != Success)
        {
            return PaymentAnswer.Ignored;
        }

        if (!Guid.TryParseExact(parameters.GetValueOrDefault("out_trade_no"), "N", out var paymentId)
            || !Money.TryParse(parameters.GetValueOrDefault("money"), out var paid)
            || parameters.GetValueOrDefault("trade_no") is not { Length: > 0 and <= MaxTradeLength } trade)
        {
            Log.Unreadable(logger);
            return PaymentAnswer.Refused;
        }

        var answer = await settlement.PayAsync(new PaymentNotice(PaymentProvider.Epay, paymentId, null, paid, EPayOptions.Currency, trade));

        // A site is for this merchant alone: a payment that is not known is none of ours, and nothing to be thanked for.
        return answer == PaymentAnswer.Ignored ? PaymentAnswer.Refused : answer;
    }

    private static partial class Log
    {
        [LoggerMessage(EventName = "EPayForged", Level = LogLevel.Warning, Message = "A notification that claims to be EPay's has no genuine signature, or is of another merchant.")]
        public static partial void Forged(ILogger logger);

        [LoggerMessage(EventName = "EPayUnreadable", Level = LogLevel.Error, Message = "A genuine notification of EPay lacks out_trade_no, money or trade_no.")]
        public static partial void Unreadable(ILogger logger);
    }
}
