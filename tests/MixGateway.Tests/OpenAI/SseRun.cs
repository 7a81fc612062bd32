using System.Text;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

/// <summary>Everything that a caller, and a bill, would see of one stream.</summary>
internal sealed record SseRun(
    string Client,
    string Held,
    bool EndSeen,
    TokenUsage? Usage,
    bool AllChoicesFinished,
    bool ContentSeen,
    int Events,
    bool Malformed,
    bool Unmeasured,
    bool ErrorSeen,
    string? ErrorMessage,
    bool EndsInsideEvent,
    string Text,
    long TextBytes)
{
    public const string Canonical = "openai:gpt-5";

    /// <summary>Runs the bytes through a scanner in pieces of the given sizes, the last one repeated, taking what is ready after each.</summary>
    public static SseRun Of(ReadOnlySpan<byte> stream, bool hideUsage = true, int maxEventBytes = SseScanner.MaxEventBytes, params int[] sizes)
    {
        using var scanner = new SseScanner(Encoding.UTF8.GetBytes($"\"{Canonical}\""), hideUsage, maxEventBytes);
        var client = new MemoryStream();
        for (var piece = 0; stream.Length > 0; piece++)
        {
            var size = Math.Min(stream.Length, sizes.Length == 0 ? stream.Length : sizes[Math.Min(piece, sizes.Length - 1)]);
            scanner.Append(stream[..size]);
            stream = stream[size..];
            Take(scanner, client);
        }

        scanner.Complete();
        Take(scanner, client);
        return new SseRun(
            Encoding.Latin1.GetString(client.ToArray()),
            Encoding.Latin1.GetString(scanner.Held.Span),
            scanner.EndSeen,
            scanner.Usage,
            scanner.AllChoicesFinished,
            scanner.ContentSeen,
            scanner.Events,
            scanner.MalformedSeen,
            scanner.Unmeasured,
            scanner.ErrorSeen,
            scanner.Error?.Message,
            scanner.EndsInsideEvent,
            Encoding.Latin1.GetString(scanner.Text.Kept),
            scanner.Text.TotalBytes);
    }

    public static SseRun Of(string stream, bool hideUsage = true) => Of(Encoding.UTF8.GetBytes(stream), hideUsage);

    private static void Take(SseScanner scanner, MemoryStream client)
    {
        client.Write(scanner.Ready.Span);
        scanner.ClearReady();
    }
}
