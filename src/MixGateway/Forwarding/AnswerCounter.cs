namespace MixGateway.Forwarding;

/// <summary>Counts every answer under <c>/v1</c> by its status, no matter which part gave it.</summary>
internal sealed class AnswerCounter(RequestDelegate next, ForwardingMetrics metrics)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var returned = false;
        try
        {
            await next(context);
            returned = true;
        }
        finally
        {
            metrics.Answered(StatusOf(context, returned));
        }
    }

    /// <summary>An exception leaves the status as it was. What the caller gets then is a broken connection, or the server's 500 if nothing was sent yet.</summary>
    private static int StatusOf(HttpContext context, bool returned)
    {
        if (returned || context.Response.HasStarted)
        {
            return context.Response.StatusCode;
        }

        return context.RequestAborted.IsCancellationRequested ? CallRecorder.CallerClosedRequest : StatusCodes.Status500InternalServerError;
    }
}
