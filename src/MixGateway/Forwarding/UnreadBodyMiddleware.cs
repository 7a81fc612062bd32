using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MixGateway.Forwarding;

/// <summary>
/// Lets a refusal reach its caller while the request's body is still on its way. A server that closes the connection then resets it,
/// and the caller, or the proxy in front, fails to send and never reads the answer. So the answer is sent at once, and the rest of the
/// body is read and thrown away: at most <c>Limits:MaxRequestBody</c> bytes, for at most <c>Limits:BodyTimeout</c>.
/// </summary>
internal sealed class UnreadBodyMiddleware(RequestDelegate next, IOptions<LimitsOptions> limits, TimeProvider time)
{
    private readonly long _maxBytes = limits.Value.MaxRequestBody;
    private readonly TimeSpan _maxTime = limits.Value.BodyTimeout;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            await next(context);
            return;
        }

        // Kept now: a call that is forwarded gets another body.
        var reader = context.Request.BodyReader;
        await next(context);
        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest
            && context.Response.StatusCode != StatusCodes.Status408RequestTimeout
            && !IsHeldBack(context)
            && !context.RequestAborted.IsCancellationRequested)
        {
            await DiscardAsync(context, reader);
        }
    }

    /// <summary>True if the caller waits for our word before it sends its body; it has the answer instead.</summary>
    private static bool IsHeldBack(HttpContext context) =>
        context.Request.Headers[HeaderNames.Expect].Count > 0 && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false };

    private async ValueTask DiscardAsync(HttpContext context, PipeReader reader)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Ours are kept below; the server's own would end the connection.
            limit.MaxRequestBodySize = null;
        }

        try
        {
            await context.Response.CompleteAsync();
            await ReadRestAsync(reader, context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller has left, or sends too slowly (a BadHttpRequestException is an IOException): it had its answer.
        }
    }

    private async ValueTask ReadRestAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        ITimer? deadline = null;
        try
        {
            for (long discarded = 0; discarded <= _maxBytes;)
            {
                var pending = reader.ReadAsync(cancellationToken);
                if (!pending.IsCompleted)
                {
                    deadline ??= time.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), reader, _maxTime, Timeout.InfiniteTimeSpan);
                }

                var read = await pending;
                discarded += read.Buffer.Length;
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled)
                {
                    return;
                }
            }
        }
        finally
        {
            if (deadline is not null)
            {
                await deadline.DisposeAsync();
            }
        }
    }
}
