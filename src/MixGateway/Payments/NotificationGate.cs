using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using MixGateway.Authentication;
using MixGateway.Storage;

namespace MixGateway.Payments;

/// <summary>Lets so many notifications of an address pass in a minute, and turns a database that is away into "send it again".</summary>
internal sealed partial class NotificationGate(IOptions<PaymentsOptions> options, ILogger<NotificationGate> logger) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetFixedWindowLimiter(AddressNetwork.Of(context.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.NotificationsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var lease = _limiter.AttemptAcquire(context.HttpContext);
        if (!lease.IsAcquired)
        {
            return TypedResults.StatusCode(StatusCodes.Status429TooManyRequests);
        }

        try
        {
            return await next(context);
        }
        catch (Exception exception) when (DatabaseFault.IsAway(exception))
        {
            Log.DatabaseAway(logger, exception);
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    public void Dispose() => _limiter.Dispose();

    private static partial class Log
    {
        [LoggerMessage(EventName = "PaymentNotBooked", Level = LogLevel.Warning, Message = "A payment notification could not be booked because the database does not answer; the provider was told to send it again.")]
        public static partial void DatabaseAway(ILogger logger, Exception exception);
    }
}
