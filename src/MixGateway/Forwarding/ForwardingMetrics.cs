using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Diagnostics;
using MixGateway.OpenAI;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>Calls, as OpenTelemetry's conventions for generative AI name them, and what the gateway itself adds to them.</summary>
internal sealed class ForwardingMetrics
{
    /// <summary>A status has the same object each time, so that a call does not box it.</summary>
    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(static status => (object)status)];

    private readonly ModelLabels _models;
    private readonly Histogram<long> _tokens;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _firstByteOverhead;
    private readonly Histogram<double> _endOverhead;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _unpriced;
    private readonly Counter<long> _refusedReports;

    public ForwardingMetrics(IMeterFactory meters, RunningCalls running, BufferBudget budget, UpstreamHealth health, IOptions<TelemetryOptions> options)
    {
        _models = new ModelLabels(options.Value.MaxModels);
        var meter = meters.CreateGatewayMeter();
        _tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens of a call", tags: null, GenAI.TokenBuckets);
        _duration = meter.CreateHistogram("gen_ai.server.request.duration", "s", "From a call's arrival to its end", tags: null, GenAI.DurationBuckets);
        _firstToken = meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "From a streamed call's arrival to the first byte of its answer", tags: null, GenAI.FirstTokenBuckets);
        _perToken = meter.CreateHistogram("gen_ai.server.time_per_output_token", "s", "Time for each token after the first, of streamed answers", tags: null, GenAI.PerTokenBuckets);
        _firstByteOverhead = meter.CreateOwnSeconds("mixgateway.overhead.first_byte", "What the gateway adds before the first byte of an answer");
        _endOverhead = meter.CreateOwnSeconds("mixgateway.overhead.end", "What the gateway adds between the provider's last byte and its own");
        _requests = meter.CreateCounter<long>("mixgateway.requests", "{request}", "Answers under /v1, by status, refused ones included");
        _attempts = meter.CreateCounter<long>("mixgateway.attempts", "{attempt}", "Attempts to get an answer from a provider, by what came of them");
        _unpriced = meter.CreateCounter<long>("mixgateway.usage.unpriced", "{use}", "What providers reported and the catalog has no price for, by kind");
        _refusedReports = meter.CreateCounter<long>("mixgateway.usage.refused", "{report}", "Usage reports of providers with counts that cannot be; the calls are estimated");
        meter.CreateObservableUpDownCounter("mixgateway.calls.running", () => running.Count, "{call}", "Calls that run in this process");
        meter.CreateObservableUpDownCounter("mixgateway.bodies.buffered", () => budget.Used, "By", "Memory that calls hold: bodies, answers that are held whole, long events");
        meter.CreateObservableUpDownCounter("mixgateway.bodies.limit", () => budget.Limit, "By", "Memory that calls may hold");
        meter.CreateObservableCounter("mixgateway.bodies.refused", () => RefusedOf(budget), "{refusal}", "Calls that found no memory, in all or within their account's share");
        meter.CreateObservableGauge("mixgateway.upstream.healthy", health.Measure, unit: null, "1 while a provider's credential (by its place in the list) is used, 0 while it is paused after failures");

        // A series that begins with its first event shows no rise, and the alert would miss it.
        _requests.Add(0, StatusTag(StatusCodes.Status500InternalServerError));
        _requests.Add(0, StatusTag(StatusCodes.Status503ServiceUnavailable));
    }

    /// <summary>One answer under <c>/v1</c>.</summary>
    public void Answered(int status) => _requests.Add(1, StatusTag(status));

    /// <summary>The present attempt of a call is over.</summary>
    public void Attempted(Call call, CallOutcome outcome) => _attempts.Add(
        1, new(GenAI.Provider, call.Target.Provider.Name), new("outcome", ErrorTypes.Of(outcome) ?? "completed"));

    /// <summary>A provider's usage report was not taken.</summary>
    public void ReportRefused(Call call) => _refusedReports.Add(1, new KeyValuePair<string, object?>(GenAI.Provider, call.Target.Provider.Name));

    /// <summary>An admitted call is over; its record is made.</summary>
    public void Ended(Call call, UsageRecord record, CallOutcome outcome)
    {
        if (record.Quantities is not null)
        {
            CountUnpriced(record);
        }

        if (!_duration.Enabled)
        {
            return;
        }

        var asked = call.Plan!.Candidates[0];
        var answered = record.Status == CallStatus.Completed;
        var tags = new TagList
        {
            { GenAI.Operation, GenAI.NameOf(call.Operation) },
            { GenAI.Provider, call.Target.Provider.Name },
            { GenAI.RequestModel, _models.Of(asked, answered && asked.CanonicalName == call.Target.CanonicalName) },
            { GenAI.ResponseModel, _models.Of(call.Target, answered) },
        };
        if (call.Envelope.Stream && answered)
        {
            Streamed(call, record, tags);
        }

        if (answered)
        {
            Own(call);
        }

        Count(record.Tokens, record.UsageSource, tags);
        if (ErrorTypes.Of(outcome) is { } error)
        {
            tags.Add(GenAI.ErrorType, error);
        }

        _duration.Record(call.Elapsed.TotalSeconds, tags);
    }

    private static Measurement<long>[] RefusedOf(BufferBudget budget) =>
        [new(budget.Refused, new KeyValuePair<string, object?>("scope", "all")), new(budget.RefusedToAccounts, new KeyValuePair<string, object?>("scope", "account"))];

    private static KeyValuePair<string, object?> StatusTag(int status) => new("http.response.status_code", Statuses[status is > 0 and < 600 ? status : 0]);

    private void CountUnpriced(UsageRecord record)
    {
        foreach (var quantity in BilledQuantity.Read(record.Quantities))
        {
            if (quantity.Price is null)
            {
                _unpriced.Add(quantity.Count, new(GenAI.Provider, record.Provider), new("kind", KindOf(quantity.Kind)));
            }
        }
    }

    /// <summary>Providers name what they count, so only common tools have a series of their own.</summary>
    private static string KindOf(string kind) => ToolNames.Common(kind) switch
    {
        QuantityKinds.WebSearch => QuantityKinds.WebSearch,
        QuantityKinds.FileSearch => QuantityKinds.FileSearch,
        QuantityKinds.CodeInterpreter => QuantityKinds.CodeInterpreter,
        _ => ModelLabels.Other,
    };

    private void Streamed(Call call, UsageRecord record, in TagList tags)
    {
        if (call.FirstToken is not { } firstToken)
        {
            return;
        }

        _firstToken.Record(firstToken.TotalSeconds, tags);
        if (record.Tokens.CompletionTokens > 1)
        {
            _perToken.Record((call.Elapsed - firstToken).TotalSeconds / (record.Tokens.CompletionTokens - 1), tags);
        }
    }

    private void Own(Call call)
    {
        if (call.Times.FirstByteOverhead is { } first)
        {
            _firstByteOverhead.Record(Math.Max(0, first.TotalSeconds));
        }

        if (call.Times.EndOverhead is { } end)
        {
            _endOverhead.Record(end.TotalSeconds);
        }
    }

    private void Count(TokenUsage tokens, UsageSource source, TagList tags)
    {
        if (source == UsageSource.None)
        {
            return;
        }

        var input = tags;
        input.Add(GenAI.TokenType, "input");
        _tokens.Record(tokens.PromptTokens, input);
        tags.Add(GenAI.TokenType, "output");
        _tokens.Record(tokens.CompletionTokens, tags);
    }
}
