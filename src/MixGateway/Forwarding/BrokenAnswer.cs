using System.Buffers;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>Ends an answer that has begun and cannot go on, so that it does not look whole.</summary>
internal static class BrokenAnswer
{
    /// <summary>A stream gets the error as its last event, JSON a broken connection. Nothing if the answer has not begun, or has its end.</summary>
    public static async ValueTask EndAsync(Call call, OpenAIError? error)
    {
        await call.StopHeartbeatAsync();
        var response = call.Context.Response;
        if (error is null || !response.HasStarted || call.IsStreamEnded || call.CallerAborted.IsCancellationRequested)
        {
            return;
        }

        if (response.ContentType != StreamHeaders.ContentType)
        {
            call.Context.Abort();
            return;
        }

        // The event that was being written is closed first, or ours would be read as its last lines.
        call.IsStreamEnded = true;
        response.BodyWriter.Write("\n\n"u8);
        OpenAIErrorWriter.WriteEvent(response.BodyWriter, OpenAIErrors.InStream(error), call.Id.ToString());
        await response.BodyWriter.FlushAsync(call.CallerAborted);
    }
}
