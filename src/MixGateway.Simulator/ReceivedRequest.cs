using System.Text;
using Microsoft.Extensions.Primitives;

namespace MixGateway.Simulator;

/// <summary>A request as the simulator received it.</summary>
/// <param name="Path">Path and query string, as <c>/v1/chat/completions?x=1</c>.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="Headers">All headers; names compare without case.</param>
/// <param name="Body">The body's bytes, untouched.</param>
public sealed record ReceivedRequest(
    string Method,
    string Path,
    string Protocol,
    IReadOnlyDictionary<string, StringValues> Headers,
    ReadOnlyMemory<byte> Body)
{
    /// <summary>The body read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The header's value, several joined by commas; null where it was not sent.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out StringValues values) ? values.ToString() : null;

    internal static ReceivedRequest From(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var headers = new Dictionary<string, StringValues>(request.Headers.Count, StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, StringValues> header in request.Headers)
        {
            headers[header.Key] = header.Value;
        }

        string path = string.Concat(request.PathBase.Value, request.Path.Value, request.QueryString.Value);
        return new ReceivedRequest(request.Method, path, request.Protocol, headers, body);
    }
}
