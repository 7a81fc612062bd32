using System.Text;
using System.Text.RegularExpressions;
using MixGateway.OpenAI;

namespace MixGateway.Forwarding;

/// <summary>What went wrong with an attempt, as the log may have it.</summary>
/// <param name="Status">The provider's; null if it gave none.</param>
/// <param name="Message">What the provider or the network said, without credentials and without what looks like the caller's own words.</param>
internal sealed partial record AttemptFault(int? Status, string? Message)
{
    private const int MaxLength = 300;
    private const string Cut = "…";

    /// <summary>A shorter word that is in a prompt too is a coincidence.</summary>
    private const int ShortestEcho = 8;

    /// <returns>Null if nothing went wrong that the provider or the network said anything about.</returns>
    public static AttemptFault? Of(Call call, CallOutcome outcome) => outcome.UpstreamStatus is null && outcome.Detail is null
        ? null
        : new AttemptFault(outcome.UpstreamStatus, outcome.Detail is { } said ? Clean(said, call) : null);

    private static string Clean(string said, Call call)
    {
        var text = ErrorSanitizer.Clean(said, call.Credential, call.Target.ModelId, call.Target.CanonicalName);
        return Shorten(text, call.Body.Span, call.Envelope.Model);
    }

    /// <summary>
    /// Takes out what a provider may have repeated of the prompt: quotations of several words, and words that are a part of the body and no name of
    /// a member. On one line, and not longer than one is read.
    /// </summary>
    internal static string Shorten(string text, ReadOnlySpan<byte> body, string model)
    {
        text = Quotation().Replace(Control().Replace(text, " "), $"$1{Cut}$1");
        text = text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), Cut);
        var cleaned = new StringBuilder(text);
        foreach (var word in Word().EnumerateMatches(text))
        {
            var said = text.AsSpan(word.Index, word.Length);
            if (word.Length >= ShortestEcho && !model.AsSpan().Contains(said, StringComparison.Ordinal) && IsValueIn(body, said))
            {
                cleaned.Replace(said.ToString(), Cut);
            }
        }

        return cleaned.ToString();
    }

    /// <summary>True if the body has the word, but for a member of that name.</summary>
    private static bool IsValueIn(ReadOnlySpan<byte> body, ReadOnlySpan<char> word)
    {
        Span<byte> sought = stackalloc byte[MaxLength * 3];
        sought = sought[..Encoding.UTF8.GetBytes(word, sought)];
        for (int at; (at = body.IndexOf(sought)) >= 0;)
        {
            var after = body[(at + sought.Length)..];
            var rest = after.TrimStart((byte)'"').TrimStart((byte)' ');
            if (!(at > 0 && body[at - 1] == (byte)'"' && after.StartsWith("\""u8) && rest.StartsWith(":"u8)))
            {
                return true;
            }

            body = after;
        }

        return false;
    }

    [GeneratedRegex("""(["'`])(?:(?!\1)[^\s]){0,200}\s(?:(?!\1).){6,}\1""", RegexOptions.CultureInvariant)]
    private static partial Regex Quotation();

    [GeneratedRegex(@"\p{C}+", RegexOptions.CultureInvariant)]
    private static partial Regex Control();

    [GeneratedRegex(@"[\w.\-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
