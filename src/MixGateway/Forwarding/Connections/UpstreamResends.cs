using System.Diagnostics.Metrics;
using MixGateway.Diagnostics;

namespace MixGateway.Forwarding.Connections;

/// <summary>Takes note of requests that were sent again because the provider had certainly not processed them.</summary>
internal sealed partial class UpstreamResends
{
    private readonly Counter<long> _resends;
    private readonly ILogger<UpstreamResends> _logger;

    public UpstreamResends(IMeterFactory meters, ILogger<UpstreamResends> logger)
    {
        _resends = meters.CreateGatewayMeter().CreateCounter<long>(
            "mixgateway.upstream.resends", "{request}", "Requests sent again because the provider had certainly not processed them, by reason");
        _logger = logger;
    }

    /// <param name="provider">The provider's name.</param>
    /// <param name="sent">How often the request was sent so far.</param>
    public void Note(string provider, ResendReason reason, int sent, Exception exception)
    {
        _resends.Add(1, new(GenAI.Provider, provider), new("reason", NameOf(reason)));
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            Log.SentAgain(_logger, provider, NameOf(reason), sent, exception.GetBaseException().Message);
        }
    }

    private static string NameOf(ResendReason reason) => reason switch
    {
        ResendReason.ConnectFailed => "connect_failed",
        ResendReason.StreamRefused => "stream_refused",
        ResendReason.WoundDown => "wound_down",
        _ => "kept_connection_closed",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Provider {Provider}: a request that was not processed ({Reason}, sent {Sent} times) is sent again: {Error}", EventName = "UpstreamResend")]
        public static partial void SentAgain(ILogger logger, string provider, string reason, int sent, string error);
    }
}
