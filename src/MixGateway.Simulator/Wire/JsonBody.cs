using System.IO.Compression;
using MixGateway.Simulator.Scripting;

namespace MixGateway.Simulator.Wire;

/// <summary>Sends a JSON body with the faults that the script asks for.</summary>
internal static class JsonBody
{
    public static async Task<CallEnd> SendAsync(SimulatedCall call, ReadOnlyMemory<byte> body)
    {
        SimulatorScript script = call.Script;
        bool isCompressed = ResponseOutput.Compresses(call);
        ResponseHeaders.Set(call, "application/json", isCompressed);
        if (script.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            call.Context.Response.ContentType = null;
            return CallEnd.Completed;
        }

        if (script.Malformed is not null)
        {
            body = body[..(body.Length / 2)];
        }

        if (isCompressed)
        {
            body = Compress(body);
        }

        if (!script.JsonChunked)
        {
            call.Context.Response.ContentLength = body.Length;
        }

        // Compressed already, as a whole: with a length.
        await using var output = new ResponseOutput(call, isCompressed: false);
        return await SendAsync(call, output, body);
    }

    private static async Task<CallEnd> SendAsync(SimulatedCall call, ResponseOutput output, ReadOnlyMemory<byte> body)
    {
        SimulatorScript script = call.Script;
        int sent = 0;
        if (script.JsonChunked)
        {
            await output.SendHeadersAsync();
        }

        if (script.Stall is Stall stall && stall.After < body.Length)
        {
            sent = Math.Min(stall.After, script.Cut ?? stall.After);
            await output.SendHeadersAsync();
            await output.WriteAsync(body[..sent]);
            await call.PauseAsync(stall.Duration);
        }

        if (script.Cut is int cut && cut < body.Length)
        {
            await output.SendHeadersAsync();
            await output.WriteAsync(body[sent..cut]);
            await output.BreakAsync();
            return CallEnd.Cut;
        }

        await output.WriteEndAsync(body[sent..], CallEnd.Completed);
        return CallEnd.Completed;
    }

    private static byte[] Compress(ReadOnlyMemory<byte> body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body.Span);
        }

        return compressed.ToArray();
    }
}
