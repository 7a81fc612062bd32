using System.Net.Mime;
using Microsoft.Extensions.Primitives;

namespace MixGateway.Forwarding;

/// <summary>What a request says about its body, in headers that some clients and proxies send twice.</summary>
internal static class ContentChecks
{
    private const string Identity = "identity";

    /// <summary>A missing type is taken as JSON, as the reference API does; curl's <c>-d</c> default is not. Equal types, however they are repeated, count as one.</summary>
    public static bool IsJson(StringValues contentType) => All(contentType, static value =>
    {
        var end = value.IndexOf(';');
        var mediaType = (end < 0 ? value : value[..end]).Trim();
        return mediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
    });

    /// <summary>A compressed body would have to be opened to read the model, within a limit on what comes out of it.</summary>
    public static bool IsPlain(StringValues contentEncoding) =>
        All(contentEncoding, static value => value.Trim().Equals(Identity, StringComparison.OrdinalIgnoreCase));

    private delegate bool Check(ReadOnlySpan<char> value);

    /// <summary>Checks each value, and each part of one that a proxy has joined with commas. Empty values say nothing.</summary>
    private static bool All(StringValues values, Check check)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var text = values[i].AsSpan();
            foreach (var part in text.Split(','))
            {
                var value = text[part].Trim();
                if (!value.IsEmpty && !check(value))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
