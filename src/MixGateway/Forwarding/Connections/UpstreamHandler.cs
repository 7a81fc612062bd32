using System.Net;

namespace MixGateway.Forwarding.Connections;

/// <summary>
/// Sends a provider's requests with content that can be sent again, and sends again what the provider certainly did not process. Such
/// resends belong to the attempt that they are made for.
/// </summary>
/// <param name="kept">Keeps connections and shares them between requests.</param>
/// <param name="fresh">Opens a connection for each request.</param>
/// <param name="route">Knows what lies between the gateway and the provider.</param>
internal sealed class UpstreamHandler(
    string provider, HttpMessageHandler kept, HttpMessageHandler fresh, UpstreamRoute route, UpstreamResends resends, TimeProvider time) : DelegatingHandler(kept)
{
    /// <summary>How often a request is sent in all. The HTTP client itself sends what was refused or wound down up to four times, on connections that it keeps.</summary>
    private const int MaxSends = 7;

    /// <summary>After so many times only new connections are used: the kept ones may all be at their end.</summary>
    private const int SendsOnKept = 2;

    /// <summary>How often a connection is tried for: a provider that is down must not hold up the next model.</summary>
    private const int MaxConnects = 2;

    /// <summary>A server that restarts, or a full queue of connections, is back after a moment.</summary>
    private static readonly TimeSpan PauseBeforeConnect = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Before a stream that was refused is asked for again, doubled each time from the second on. A new connection may be shared before the
    /// server has said how few streams it allows, so at once the same would happen again.
    /// </summary>
    private static readonly TimeSpan PauseBeforeStream = TimeSpan.FromMilliseconds(10);

    private readonly HttpMessageInvoker _fresh = new(fresh);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var onFresh = false;
        if (request.Options.TryGetValue(UpstreamContent.Key, out var content))
        {
            request.Content = content;
            onFresh = content.IsOnNewConnection;
        }

        AvoidHttp3(request);
        for (var sent = 1; ; sent++)
        {
            var exchange = new UpstreamExchange(time);
            exchange.Begin();
            ResendReason reason;
            try
            {
                var answer = await (onFresh || sent > SendsOnKept ? _fresh.SendAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken));
                return route.Check(answer, request.RequestUri);
            }
            catch (HttpRequestException e) when (!cancellationToken.IsCancellationRequested)
            {
                var explained = route.Explain(e, request.RequestUri);
                if (UpstreamLoss.ReasonOf(explained, exchange) is not { } found || !MaySend(found, sent, explained))
                {
                    ThrowAgain(e, explained);
                    throw;
                }

                reason = found;
                resends.Note(provider, reason, sent, explained);
            }

            if (PauseAfter(reason, sent) is { Ticks: > 0 } pause)
            {
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _fresh.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>HTTP/3 goes past everything that is set for connections here, so it is used only where the operator writes its version.</summary>
    internal static void AvoidHttp3(HttpRequestMessage request)
    {
        if (request.VersionPolicy != HttpVersionPolicy.RequestVersionOrHigher || request.Version.Major >= 3)
        {
            return;
        }

        // Over TLS the server chooses between 1.1 and 2; in clear text a version that is not agreed on beforehand stays as it is.
        var isSecured = request.RequestUri?.Scheme == Uri.UriSchemeHttps;
        request.VersionPolicy = isSecured && request.Version.Major < 2 ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact;
        request.Version = isSecured ? HttpVersion.Version20 : request.Version;
    }

    private static void ThrowAgain(HttpRequestException exception, HttpRequestException explained)
    {
        if (!ReferenceEquals(exception, explained))
        {
            throw explained;
        }
    }

    private static TimeSpan PauseAfter(ResendReason reason, int sent) => reason switch
    {
        ResendReason.ConnectFailed => PauseBeforeConnect,
        ResendReason.StreamRefused when sent > 1 => PauseBeforeStream * (1 << (sent - 2)),
        _ => TimeSpan.Zero,
    };

    private static bool MaySend(ResendReason reason, int sent, Exception exception) =>
        reason == ResendReason.ConnectFailed ? sent < MaxConnects && !UpstreamLoss.IsLasting(exception) : sent < MaxSends;
}
