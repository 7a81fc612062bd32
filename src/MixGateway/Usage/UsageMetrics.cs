using System.Diagnostics.Metrics;
using MixGateway.Billing;
using MixGateway.Diagnostics;

namespace MixGateway.Usage;

/// <summary>How the ends of calls get onto the books.</summary>
internal sealed class UsageMetrics
{
    private const string Result = "result";

    private readonly Meter _meter;
    private readonly Histogram<double> _settle;
    private readonly Histogram<double> _transaction;
    private readonly Counter<long> _records;
    private readonly Counter<long> _charged;
    private readonly Counter<long> _uncollected;
    private readonly TimeProvider _time;

    public UsageMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.CreateGatewayMeter();
        _settle = _meter.CreateOwnSeconds("mixgateway.settle.duration", "How long the end of an answer waited for its record to be durable");
        _transaction = _meter.CreateOwnSeconds("mixgateway.booking.duration", "One transaction of the database with the records of many calls");
        _records = _meter.CreateCounter<long>("mixgateway.records", "{record}", "Usage records, by what became of them in the database");
        _charged = _meter.CreateCounter<long>("mixgateway.charged", "{nano}", "What was charged to accounts, in 10⁻⁹ of the billing currency");
        _uncollected = _meter.CreateCounter<long>("mixgateway.uncollected", "{nano}", "What calls cost beyond what holds, balances and spend limits let them be charged, in 10⁻⁹ of the billing currency");

        // A series that begins with its first event shows no rise, and the alert would miss it.
        foreach (var result in Enum.GetValues<BookingResult>())
        {
            _records.Add(0, new KeyValuePair<string, object?>(Result, WordOf(result)));
        }

        _uncollected.Add(0);
    }

    /// <summary>Makes the gauges of the books.</summary>
    public void Observe(Books books)
    {
        _meter.CreateObservableUpDownCounter("mixgateway.records.unbooked", () => books.Pending, "{record}", "Records that wait for the database in this process");
        _meter.CreateObservableGauge("mixgateway.records.oldest.age", () => books.OldestAge.TotalSeconds, "s", "How long the oldest of them has waited");
        _meter.CreateObservableGauge("mixgateway.database.up", () => books.DatabaseAnswers ? 1 : 0, unit: null, "1 while the database takes records");
    }

    public long Start() => _time.GetTimestamp();

    /// <param name="startedAt">From <see cref="Start"/>.</param>
    public void Settled(long startedAt, BookingResult result) =>
        _settle.Record(_time.GetElapsedTime(startedAt).TotalSeconds, new KeyValuePair<string, object?>(Result, WordOf(result)));

    /// <param name="startedAt">From <see cref="Start"/>.</param>
    public void Committed(long startedAt) => _transaction.Record(_time.GetElapsedTime(startedAt).TotalSeconds);

    /// <param name="cost">What the record says that the call cost.</param>
    /// <param name="isOurs">True if this process wrote the record, as far as it can know: what another one wrote, that one counts.</param>
    public void Ended(in Booking booking, Money cost, bool isOurs)
    {
        _records.Add(1, new KeyValuePair<string, object?>(Result, WordOf(booking.Result)));
        if (booking.Result == BookingResult.Booked && isOurs)
        {
            _charged.Add(booking.Charged.Nanos);
            if (cost > booking.Charged)
            {
                _uncollected.Add((cost - booking.Charged).Nanos);
            }
        }
    }

    private static string WordOf(BookingResult result) => result switch
    {
        BookingResult.Booked => "booked",
        BookingResult.Lost => "lost",
        BookingResult.Rejected => "rejected",
        _ => "pending",
    };
}
