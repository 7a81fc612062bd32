using MixGateway.Forwarding.Connections;
using MixGateway.OpenAI;
using Yarp.ReverseProxy.Forwarder;

namespace MixGateway.Forwarding;

/// <summary>Turns what the HTTP client throws, and why the watch ended an attempt, into the caller's error.</summary>
internal static class UpstreamFailure
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>True for what a provider or the network can cause; anything else is a bug of ours and is not caught.</summary>
    /// <remarks>A lack of memory is nobody's bug either: the call ends with 503, see <see cref="IsLackOfMemory"/>.</remarks>
    public static bool Is(Exception exception) =>
        exception is HttpRequestException or IOException or OperationCanceledException or InvalidDataException or OutOfMemoryException;

    /// <summary>True if the gateway itself had no memory, wherever that came up: never the provider's fault.</summary>
    public static bool IsLackOfMemory(Exception? exception) => exception?.GetBaseException() is OutOfMemoryException;

    /// <summary>YARP gave up before there was an answer to relay.</summary>
    public static CallOutcome Judge(IForwarderErrorFeature? failure, UpstreamWatch watch) => failure?.Error switch
    {
        ForwarderError.NoAvailableDestinations => CallOutcome.ProviderFailed(OpenAIErrors.UpstreamUnavailable(RetryAfter)),
        null or ForwarderError.None => CallOutcome.ProviderFailed(OpenAIErrors.UpstreamError("The provider gave no answer (server error). Try again.")),
        _ => Classify(failure.Exception, watch),
    };

    public static CallOutcome Classify(Exception? exception, UpstreamWatch watch)
    {
        if (IsBug(exception, watch))
        {
            return CallOutcome.OfBug(exception!);
        }

        switch (watch.Reason)
        {
            case WatchReason.CallerLeft:
                return CallOutcome.CallerLeft;
            case WatchReason.FirstByteTimeout or WatchReason.IdleTimeout or WatchReason.TotalTimeout:
                return CallOutcome.ProviderFailed(OpenAIErrors.UpstreamTimeout());
            case WatchReason.Stopped:
                return CallOutcome.Stopped(OpenAIErrors.ServiceUnavailable("The call was stopped by an administrator of this gateway."));
            case WatchReason.Suspended:
                return CallOutcome.Stopped(OpenAIErrors.AccountSuspended());
            case WatchReason.Abandoned:
                return CallOutcome.Refused(OpenAIErrors.ServiceUnavailable("The gateway was not able to keep the call alive. Try again in a moment."));
            case WatchReason.None when watch.CallerGone:
                return CallOutcome.CallerLeft;
            case var _ when IsLackOfMemory(exception):
                return CallOutcome.Refused(OpenAIErrors.OutOfMemory()) with { Detail = exception!.GetBaseException().Message };
            default:
                var error = UpstreamLoss.IsConnectFailure(exception) ? OpenAIErrors.UpstreamUnreachable() : OpenAIErrors.UpstreamError("The provider broke off its answer (connection reset, server error). Try again.");
                return CallOutcome.ProviderFailed(error) with { Detail = exception?.GetBaseException().Message, Loss = UpstreamLoss.Of(exception) };
        }
    }

    /// <summary>What neither a provider nor the network throws. A stream that is read when the watch has just ended it says that it is disposed.</summary>
    private static bool IsBug(Exception? exception, UpstreamWatch watch) =>
        exception is not null && !Is(exception) && !IsLackOfMemory(exception)
        && !(exception is ObjectDisposedException && (watch.Reason != WatchReason.None || watch.CallerGone));
}
