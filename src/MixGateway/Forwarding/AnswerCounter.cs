namespace MixGateway.Forwarding;

/// <summary>Counts every answer under <c>/v1</c> by its status, whoever gave it.</summary>
internal sealed class AnswerCounter(RequestDelegate next, ForwardingMetrics metrics)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        metrics.Answered(context.Response.StatusCode);
    }
}
