using Microsoft.AspNetCore.Http.Features;
using MixGateway.Forwarding;

namespace MixGateway.Routing;

/// <summary>Reads the model's id out of <c>/v1/models/{id}</c>, where it may hold slashes and colons, as they are or percent-encoded.</summary>
internal static class ModelPath
{
    private const string Prefix = OpenAIPaths.Models + "/";
    private const string EncodedSlash = "%2F";

    /// <summary>The id, decoded once.</summary>
    public static string IdOf(HttpContext context)
    {
        var id = context.Request.Path.Value![Prefix.Length..];
        return (id.Contains(EncodedSlash, StringComparison.OrdinalIgnoreCase) ? Decode(context, id) : id).TrimEnd('/');
    }

    /// <summary>The server leaves an encoded slash in the path as it is, where it cannot be told from <c>%252F</c> any more: what was sent decides.</summary>
    private static string Decode(HttpContext context, string id)
    {
        var sent = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = sent.IndexOf('?');
        sent = query < 0 ? sent : sent[..query];

        // Another spelling of the part in front, such as an absolute address, is rare enough to go by the path.
        return Uri.UnescapeDataString(sent.StartsWith(Prefix, StringComparison.Ordinal) ? sent[Prefix.Length..] : id);
    }
}
