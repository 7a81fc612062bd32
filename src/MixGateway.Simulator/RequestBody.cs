namespace MixGateway.Simulator;

/// <summary>Reads a request's body whole.</summary>
internal static class RequestBody
{
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    /// <exception cref="IOException">The body broke off.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is long length and <= int.MaxValue)
        {
            byte[] body = new byte[length];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            return body;
        }

        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }
}
