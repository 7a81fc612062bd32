using Microsoft.Extensions.Primitives;

namespace MixGateway.Authentication;

/// <summary>What the headers of a request say about its API key.</summary>
internal enum KeyInHeaders
{
    /// <summary>No header names a key.</summary>
    None,

    /// <summary>Something was sent that cannot be a key of this gateway.</summary>
    Malformed,

    /// <summary>A key that this gateway may have made.</summary>
    Found,
}

/// <summary>
/// Where a key may be: <c>Authorization: Bearer</c>, <c>x-api-key</c> (Anthropic's SDKs) and <c>api-key</c> (Azure's), in this order.
/// Clients that have a field for each often fill one with a placeholder, so the first header with a well-formed key counts.
/// </summary>
internal static class KeyHeaders
{
    public const string ApiKeyHeader = "x-api-key";
    public const string AzureHeader = "api-key";

    /// <summary>True if the request carries a credential of any kind: browsers that open a page send none of these.</summary>
    public static bool AnyIn(IHeaderDictionary headers) =>
        headers.Authorization.Count > 0 || headers.ContainsKey(ApiKeyHeader) || headers.ContainsKey(AzureHeader);

    /// <summary>Allocates nothing.</summary>
    public static KeyInHeaders Read(IHeaderDictionary headers, out ReadOnlySpan<char> key)
    {
        var sent = false;
        if (TryRead(headers.Authorization, ref sent, isBearer: true, out key)
            || TryRead(headers[ApiKeyHeader], ref sent, isBearer: false, out key)
            || TryRead(headers[AzureHeader], ref sent, isBearer: false, out key))
        {
            return KeyInHeaders.Found;
        }

        return sent ? KeyInHeaders.Malformed : KeyInHeaders.None;
    }

    /// <param name="sent">Set if the header is there and not empty.</param>
    private static bool TryRead(StringValues values, scoped ref bool sent, bool isBearer, out ReadOnlySpan<char> key)
    {
        key = default;
        if (values.Count == 0)
        {
            return false;
        }

        // A header that is sent twice could be read in two ways, even if today both say the same.
        var value = values[0];
        sent |= values.Count > 1 || !string.IsNullOrEmpty(value);
        if (values.Count > 1)
        {
            return false;
        }

        if (isBearer)
        {
            return ApiKey.TryReadBearer(value, out key) && ApiKey.IsWellFormed(key);
        }

        key = value.AsSpan().Trim(ApiKey.Blanks);
        return ApiKey.IsWellFormed(key);
    }
}
