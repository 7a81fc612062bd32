using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MixGateway.IntegrationTests.Answers;

/// <summary>
/// One file of the corpus: how a provider answers, and what the caller and the books have to make of it. Above a line of three hyphens
/// stand the directions, one per line as <c>name: value</c>; below it stands the body, byte for byte.
/// </summary>
/// <remarks>
/// Directions: <c>ask</c> (json, stream, usage for a stream with usage, embeddings; then further members of the request), <c>status</c>,
/// <c>type</c>, <c>header</c>, <c>end</c> (whole, close, reset, silence), <c>lines</c> (crlf), <c>record</c> (status, source, prompt + completion,
/// then parts), <c>caller</c> (status and error code, done, whole or broken), <c>shows</c>, <c>hides</c>, <c>attempts</c>, <c>refuses</c> (a word that a
/// request must not have). In the body <c>{credential}</c>
/// stands for the provider's key, <c>{base64:N}</c> and <c>{words:N}</c> for N bytes of either. A line that begins with # is a remark.
/// </remarks>
internal sealed partial record RecordedAnswer
{
    public const string Credential = "recorded-credential-0123456789";

    public required string Name { get; init; }
    public required ILookup<string, string> Directions { get; init; }
    public required byte[] Body { get; init; }

    public string Ask => Single("ask") ?? "stream";

    public string End => Single("end") ?? "whole";

    public int Status => int.Parse(Single("status") ?? "200", CultureInfo.InvariantCulture);

    public bool IsStream => Ask.StartsWith("stream", StringComparison.Ordinal) || Ask.StartsWith("usage", StringComparison.Ordinal);

    public static RecordedAnswer Read(string path)
    {
        var text = File.ReadAllText(path).Replace("\r\n", "\n", StringComparison.Ordinal);
        var split = text.IndexOf("\n---\n", StringComparison.Ordinal);
        var directions = text[..split].Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1].Trim());
        var body = Filler().Replace(text[(split + 5)..].Replace("{credential}", Credential, StringComparison.Ordinal), Fill);
        body = directions["type"].SingleOrDefault() is { } type && type.Contains("json", StringComparison.Ordinal) ? body.TrimEnd('\n') : body;
        body = directions["lines"].SingleOrDefault() == "crlf" ? body.Replace("\n", "\r\n", StringComparison.Ordinal) : body;
        return new RecordedAnswer { Name = Path.GetFileNameWithoutExtension(path), Directions = directions, Body = Encoding.UTF8.GetBytes(body) };
    }

    /// <summary>What the provider answers to a request that has a member which it does not know.</summary>
    public RecordedAnswer Refusing(string member) => this with
    {
        Directions = new[] { ("status", "400"), ("type", "application/json") }.ToLookup(pair => pair.Item1, pair => pair.Item2),
        Body = Encoding.UTF8.GetBytes($$$"""{"error":{"message":"Extra parameters ['{{{member}}}'] are not allowed","type":"invalid_request_error","param":null,"code":null}}"""),
    };

    public string? Single(string name) => Directions[name].SingleOrDefault();

    private static string Fill(Match match)
    {
        var length = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
        return match.Groups[1].Value == "base64"
            ? new string('Q', length)
            : string.Concat(Enumerable.Repeat("word ", (length / 5) + 1))[..length];
    }

    [GeneratedRegex(@"\{(base64|words):([0-9]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Filler();
}
