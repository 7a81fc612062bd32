using System.Text;
using Microsoft.Extensions.Options;
using MixGateway.Diagnostics;
using MixGateway.OpenAI;
using MixGateway.Quotas;
using MixGateway.Usage;

namespace MixGateway.Forwarding;

/// <summary>
/// One line for each call, and more for the calls of an account that is being debugged. Never what was asked and answered, unless
/// <c>Telemetry:DebugContent</c> allows it for accounts that are being debugged.
/// </summary>
internal sealed partial class CallLog
{
    /// <summary>Of a body, in characters.</summary>
    private const int MostContent = 32 * 1024;

    private readonly DebugAccounts _debugged;
    private readonly bool _content;
    private readonly LoggedAddress _address;
    private readonly ILogger<CallLog> _logger;

    public CallLog(DebugAccounts debugged, IOptions<TelemetryOptions> options, ILogger<CallLog> logger)
    {
        _debugged = debugged;
        _content = options.Value.DebugContent;
        _address = options.Value.CallerAddress;
        _logger = logger;
        if (_content)
        {
            Log.ContentAllowed(logger);
        }
    }

    /// <summary>The call may run, or may not.</summary>
    public void Prepared(Call call, OpenAIError? error)
    {
        if (!_debugged.IsOn(call.Caller.AccountId))
        {
            return;
        }

        call.IsDebugged = true;
        Log.Prepared(
            _logger, call.Id.Value, call.Operation, call.Plan is { } plan ? plan.Candidates[0].CanonicalName : null, call.BodyLength, call.Elapsed.TotalMilliseconds, error is null ? "held" : error.Code ?? error.Type);
        if (_content && !call.Body.Span.IsEmpty)
        {
            Log.Asked(_logger, call.Id.Value, TextOf(call.Body.Span));
        }
    }

    public void AttemptBegins(Call call)
    {
        if (call.IsDebugged)
        {
            Log.AttemptBegins(_logger, call.Id.Value, call.Attempts, call.Target.CanonicalName, call.Target.Provider.BaseUrl.Host, call.Elapsed.TotalMilliseconds);
        }
    }

    public void AttemptEnded(Call call, CallOutcome outcome)
    {
        // While the credential is known that a provider may repeat.
        call.LastFault = AttemptFault.Of(call, outcome) ?? call.LastFault;
        if (call.IsDebugged)
        {
            Log.AttemptEnded(_logger, call.Id.Value, call.Attempts, ErrorTypes.Of(outcome) ?? "completed", outcome.Error?.Message, call.Elapsed.TotalMilliseconds);
        }
    }

    /// <summary>What was delivered.</summary>
    public void Answered(Call call, DeliveredText? text)
    {
        if (_content && call.IsDebugged && text is not null)
        {
            Log.Delivered(_logger, call.Id.Value, TextOf(text.Kept));
        }
    }

    public void Ended(Call call, OpenAIError? error)
    {
        if (call.Outcome?.Bug is { } bug)
        {
            Log.Bug(_logger, bug, call.Id.Value);
        }

        var address = CallerWords.Address(call.Context.Connection.RemoteIpAddress, _address);
        var theirId = CallerWords.RequestId(call.Context.Request);
        if (call.Record is not { } record)
        {
            Log.Refused(
                _logger, call.Id.Value, call.Caller.AccountId, call.Caller.KeyId, call.Envelope?.Model, error?.Status ?? CallRecorder.CallerClosedRequest, error?.Code ?? error?.Type, call.ElapsedMs, address, theirId);
            return;
        }

        Log.Ended(
            _logger, record.RequestId, record.AccountId, record.KeyId, record.Model, AliasOf(call), record.Stream, record.Status, record.HttpStatus, record.ErrorCode,
            call.ElapsedMs, record.AdmissionMs, record.FirstTokenMs, call.SettlementMs, record.Tokens.PromptTokens, record.Tokens.CachedTokens, record.Tokens.CompletionTokens,
            record.Tokens.ReasoningTokens, record.Cost.ToString(), record.Currency, record.Attempts, call.LastFault?.Status, call.LastFault?.Message, address, theirId);
        if (call.IsDebugged)
        {
            Log.Times(_logger, record.RequestId, call.Times.FirstByteOverhead?.TotalMilliseconds, call.Times.EndOverhead?.TotalMilliseconds, record.UsageSource, record.Cost.ToString(), call.Held?.Ticket.Hold.ToString());
        }
    }

    /// <summary>What the caller asked for, where that is not the model itself.</summary>
    private static string? AliasOf(Call call) => call.Catalog.Aliases.ContainsKey(call.Envelope.Model) ? call.Envelope.Model : null;

    private static string TextOf(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MostContent)]);

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Information,
            "Call {RequestId} of account {AccountId}, key {KeyId}: {Model} (alias {Alias}, stream {Stream}) {Status} with {HttpStatus} {ErrorCode} after {DurationMs} ms (admitted after {AdmissionMs} ms, first token after {FirstTokenMs} ms, settled in {SettlementMs} ms), {PromptTokens} prompt ({CachedTokens} cached) + {CompletionTokens} completion ({ReasoningTokens} reasoning) tokens cost {Cost} {Currency}, {Attempts} attempts, last provider failure {UpstreamStatus} {UpstreamMessage}, from {CallerAddress} as {CallerRequestId}",
            EventName = "CallEnded")]
        public static partial void Ended(
            ILogger logger, Guid requestId, Guid accountId, Guid keyId, string model, string? alias, bool stream, CallStatus status, int httpStatus, string? errorCode,
            int durationMs, int? admissionMs, int? firstTokenMs, int? settlementMs, long promptTokens, long cachedTokens, long completionTokens,
            long reasoningTokens, string cost, string currency, int attempts, int? upstreamStatus, string? upstreamMessage, string? callerAddress, string? callerRequestId);

        [LoggerMessage(
            2,
            LogLevel.Information,
            "Call {RequestId} of account {AccountId}, key {KeyId}: {Model} refused with {HttpStatus} {ErrorCode} after {DurationMs} ms, from {CallerAddress} as {CallerRequestId}",
            EventName = "CallRefused")]
        public static partial void Refused(
            ILogger logger, Guid requestId, Guid accountId, Guid keyId, string? model, int httpStatus, string? errorCode, int durationMs, string? callerAddress, string? callerRequestId);

        [LoggerMessage(3, LogLevel.Information, "Debug {RequestId}: {Operation} for {Model}, {BodyBytes} bytes, read and judged in {AtMs} ms: {Admission}", EventName = "CallDebugPrepared")]
        public static partial void Prepared(ILogger logger, Guid requestId, ApiOperation operation, string? model, int bodyBytes, double atMs, string admission);

        [LoggerMessage(4, LogLevel.Information, "Debug {RequestId}: attempt {Attempt} goes to {Model} at {Host} after {AtMs} ms", EventName = "CallDebugAttempt")]
        public static partial void AttemptBegins(ILogger logger, Guid requestId, int attempt, string model, string host, double atMs);

        [LoggerMessage(5, LogLevel.Information, "Debug {RequestId}: attempt {Attempt} came to {Outcome} ({Error}) after {AtMs} ms", EventName = "CallDebugAttemptEnded")]
        public static partial void AttemptEnded(ILogger logger, Guid requestId, int attempt, string outcome, string? error, double atMs);

        [LoggerMessage(6, LogLevel.Information, "Debug {RequestId}: the gateway took {FirstByteOverheadMs} ms before the first byte and {EndOverheadMs} ms after the provider's last; usage {UsageSource}, cost {Cost} of a hold of {Hold}", EventName = "CallDebugTimes")]
        public static partial void Times(ILogger logger, Guid requestId, double? firstByteOverheadMs, double? endOverheadMs, UsageSource usageSource, string cost, string? hold);

        [LoggerMessage(7, LogLevel.Information, "Debug {RequestId}: asked {RequestBody}", EventName = "CallDebugAsked")]
        public static partial void Asked(ILogger logger, Guid requestId, string requestBody);

        [LoggerMessage(8, LogLevel.Information, "Debug {RequestId}: delivered {AnswerText}", EventName = "CallDebugDelivered")]
        public static partial void Delivered(ILogger logger, Guid requestId, string answerText);

        [LoggerMessage(10, LogLevel.Error, "Call {RequestId} failed inside the gateway", EventName = "CallBug")]
        public static partial void Bug(ILogger logger, Exception exception, Guid requestId);

        [LoggerMessage(9, LogLevel.Warning, "Telemetry:DebugContent is on: what the callers of a debugged account ask and get is written to the log. Switch it off when you are done", EventName = "DebugContentAllowed")]
        public static partial void ContentAllowed(ILogger logger);
    }
}
