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
    ProviderFailureKind? Failure,
    string? ErrorMessage,
    bool EndsInsideEvent,
    string Text,
    long TextBytes)
{
    public const string Canonical = "openai:gpt-5";
    public const string Credential = "sk-run-credential";

    /// <summary>Runs the bytes through a scanner in pieces of the given sizes, the last one repeated, taking what is ready after each.</summary>
    public static SseRun Of(ReadOnlySpan<byte> stream, bool hideUsage = true, int maxEventBytes = SseScanner.MaxEventBytes, params int[] sizes)
    {
        using var judge = new AnswerJudge(ApiOperation.ChatCompletions);
        using var scanner = new SseScanner(
            Encoding.UTF8.GetBytes($"\"{Canonical}\""), judge, hideUsage ? UsageVisibility.Hidden : UsageVisibility.AsSent, new CredentialMask(Credential), maxEventBytes);
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
            judge.EndSeen,
            judge.Usage?.Tokens,
            judge.AllChoicesFinished,
            judge.ContentSeen,
            judge.Failure?.Kind,
            judge.Failure?.Error?.Message,
            scanner.EndsInsideEvent,
            Encoding.Latin1.GetString(judge.Text.Kept),
            judge.Text.TotalBytes);
    }

    public static SseRun Of(string stream, bool hideUsage = true) => Of(Encoding.UTF8.GetBytes(stream), hideUsage);

    private static void Take(SseScanner scanner, MemoryStream client)
    {
        client.Write(scanner.Ready.Span);
        scanner.ClearReady();
    }
}
