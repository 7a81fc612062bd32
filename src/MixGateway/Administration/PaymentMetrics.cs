using System.Diagnostics.Metrics;
using MixGateway.Diagnostics;
using MixGateway.Storage;

namespace MixGateway.Administration;

/// <summary>What a change of a payment is about.</summary>
internal enum PaymentEvent
{
    Paid,
    Closed,
    Reversed,
}

/// <summary>What payments bring in and take out, and what becomes of what their providers report.</summary>
internal sealed class PaymentMetrics
{
    private readonly Counter<long> _notifications;
    private readonly Counter<long> _credited;
    private readonly Counter<long> _refunded;

    public PaymentMetrics(IMeterFactory meters)
    {
        var meter = meters.CreateGatewayMeter();
        _notifications = meter.CreateCounter<long>("mixgateway.payments.notifications", "{notification}", "Genuine reports about payments, by provider, event and answer");
        _credited = meter.CreateCounter<long>("mixgateway.payments.credited", "{nano}", "What payments added to balances, in 10⁻⁹ of the billing currency");
        _refunded = meter.CreateCounter<long>("mixgateway.payments.refunded", "{nano}", "What refunds took out of balances, in 10⁻⁹ of the billing currency");

        // A series that begins with its first event shows no rise, and the alert would miss it.
        foreach (var provider in Enum.GetValues<PaymentProvider>())
        {
            foreach (var answer in Enum.GetValues<PaymentAnswer>())
            {
                Told(provider, PaymentEvent.Paid, answer, 0, 0);
            }
        }
    }

    /// <param name="moved">Nano-units that the balance rose or fell by.</param>
    public void Told(PaymentProvider provider, PaymentEvent what, PaymentAnswer answer, long moved) => Told(provider, what, answer, moved, 1);

    private void Told(PaymentProvider provider, PaymentEvent what, PaymentAnswer answer, long moved, int count)
    {
        var name = new KeyValuePair<string, object?>("provider", provider.ToString().ToLowerInvariant());
        _notifications.Add(
            count, name, new("event", what.ToString().ToLowerInvariant()), new("answer", answer.ToString().ToLowerInvariant()));
        _credited.Add(Math.Max(moved, 0), name);
        _refunded.Add(Math.Max(-moved, 0), name);
    }
}
