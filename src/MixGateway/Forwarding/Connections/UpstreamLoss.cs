using System.Net;
using System.Security.Authentication;

namespace MixGateway.Forwarding.Connections;

/// <summary>Tells from what the HTTP client throws whether a request may have been processed.</summary>
internal static class UpstreamLoss
{
    /// <summary>RFC 9113 §7.</summary>
    private const long RefusedStream = 7;

    /// <summary>True if there was no connection that a request could have gone out on.</summary>
    /// <remarks>A connect time-out surfaces as a cancellation with a <see cref="TimeoutException"/> inside.</remarks>
    public static bool IsConnectFailure(Exception? exception) => exception switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError or HttpRequestError.VersionNegotiationError
        } => true,
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };

    /// <summary>Why the request was certainly not processed; null if it may have been.</summary>
    /// <param name="exchange">What was seen of the connection that carried it.</param>
    public static ResendReason? ReasonOf(Exception exception, UpstreamExchange exchange)
    {
        if (IsConnectFailure(exception))
        {
            return ResendReason.ConnectFailed;
        }

        if (FindProtocolError(exception) is { } error)
        {
            return error.ErrorCode == RefusedStream ? ResendReason.StreamRefused : IsWoundDown(exception, error) ? ResendReason.WoundDown : null;
        }

        // A reset says less than an end: the provider may have read the request and then died.
        return exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } && exchange.ClosedUnused ? ResendReason.KeptConnectionClosed : null;
    }

    /// <summary>What the exception that ended an attempt says, wherever it came up.</summary>
    public static ConnectionLoss Of(Exception? exception)
    {
        if (IsConnectFailure(exception))
        {
            return ConnectionLoss.Unprocessed;
        }

        if (exception is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded })
        {
            // An answer came, and it is none.
            return ConnectionLoss.None;
        }

        if (exception is not (HttpRequestException or IOException))
        {
            return ConnectionLoss.None;
        }

        return FindProtocolError(exception) is { } error && (error.ErrorCode == RefusedStream || IsWoundDown(exception, error))
            ? ConnectionLoss.Unprocessed
            : ConnectionLoss.Unanswered;
    }

    /// <summary>True if trying again at once cannot help: a certificate stays the same, and so does what a proxy allows.</summary>
    public static bool IsLasting(Exception exception) =>
        exception.GetBaseException() is AuthenticationException
        || exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.Forbidden };

    /// <summary>
    /// The client speaks of an aborted request, with the provider's GOAWAY inside, for requests beyond the last that the provider took. For
    /// one that the provider took, it repeats the words of what ended it.
    /// </summary>
    private static bool IsWoundDown(Exception exception, HttpProtocolException error) =>
        exception is HttpRequestException && ReferenceEquals(exception.InnerException, error) && exception.Message != error.Message;

    private static HttpProtocolException? FindProtocolError(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is HttpProtocolException found)
            {
                return found;
            }
        }

        return null;
    }
}
