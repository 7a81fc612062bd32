using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace MixGateway.Console;

/// <summary>
/// Style sheet, scripts and icon: a part of the program, so that there is no folder to lose, and served compressed. Their addresses
/// hold a hash of what is in them, and with it browsers keep them for good.
/// </summary>
internal static class AssetFiles
{
    private const string Prefix = "Console/Assets/";

    // A name that is not there is not kept: anybody can ask for any.
    private static readonly ConcurrentDictionary<string, Asset> Loaded = new(StringComparer.Ordinal);

    /// <summary>The address of an asset that there has to be.</summary>
    public static string Url(string name) =>
        Find(name) is { } asset ? $"{ConsolePaths.Assets}/{name}?v={asset.Version}" : throw new ArgumentException($"There is no asset {name}.", nameof(name));

    public static void MapAssets(this IEndpointRouteBuilder app) => app.MapMethods(ConsolePaths.Assets + "/{name}", [HttpMethods.Get, HttpMethods.Head], Send).AllowAnonymous();

    private static IResult Send(HttpContext context, string name)
    {
        if (Find(name) is not { } asset)
        {
            return TypedResults.NotFound();
        }

        var headers = context.Response.Headers;
        headers.CacheControl = context.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Bytes(asset.Plain, asset.ContentType);
        }

        headers.ContentEncoding = "br";
        return TypedResults.Bytes(asset.Compressed, asset.ContentType);
    }

    private static Asset? Find(string name)
    {
        if (!Loaded.TryGetValue(name, out var asset) && Load(name) is { } loaded)
        {
            asset = Loaded.GetOrAdd(name, loaded);
        }

        return asset;
    }

    private static Asset? Load(string name)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(Prefix + name);
        if (stream is null)
        {
            return null;
        }

        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        return new Asset(plain, Compress(plain), Convert.ToHexStringLower(SHA256.HashData(plain))[..12], ContentTypeOf(name));
    }

    private static byte[] Compress(byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.SmallestSize))
        {
            brotli.Write(plain);
        }

        return compressed.ToArray();
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record Asset(byte[] Plain, byte[] Compressed, string Version, string ContentType);
}
