using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace MixGateway.Routing;

/// <summary>
/// An answer that is the same for many: rendered and compressed once, with a tag by which whoever has it already is spared it (RFC 9110 §13.1.2).
/// </summary>
internal sealed class RenderedAnswer
{
    private const string Brotli = "br";
    private const string Gzip = "gzip";

    /// <summary>What is shorter is not worth compressing.</summary>
    private const int LeastCompressed = 1024;

    private readonly byte[] _plain;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _tag;
    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;

    public RenderedAnswer(byte[] plain, string contentType)
    {
        _plain = plain;
        _contentType = contentType;

        // Weak: the same for each encoding.
        _tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12))}\"", isWeak: true);
        _brotli = new Lazy<byte[]>(() => Compress(static stream => new BrotliStream(stream, CompressionLevel.Optimal)));
        _gzip = new Lazy<byte[]>(() => Compress(static stream => new GZipStream(stream, CompressionLevel.Optimal)));
    }

    /// <summary>Bytes without compression.</summary>
    public int Length => _plain.Length;

    /// <summary>Answers 304 if the reader has it, else with the encoding that the reader takes.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.GetTypedHeaders();
        headers.ETag = _tag;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Compare(_tag, useStrongComparison: false) || tag.Equals(EntityTagHeaderValue.Any)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = _contentType;
        var body = _plain;
        if (_plain.Length >= LeastCompressed && EncodingFor(request) is { } encoding)
        {
            response.Headers.ContentEncoding = encoding;
            body = (encoding == Brotli ? _brotli : _gzip).Value;
        }

        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <returns>Null for none.</returns>
    private static string? EncodingFor(HttpRequest request)
    {
        var taken = request.GetTypedHeaders().AcceptEncoding;
        return Takes(taken, Brotli) ? Brotli : Takes(taken, Gzip) ? Gzip : null;
    }

    private static bool Takes(IList<StringWithQualityHeaderValue> taken, string encoding) =>
        taken.Any(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && value.Quality is not 0);

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (var stream = compressor(compressed))
        {
            stream.Write(_plain);
        }

        return compressed.ToArray();
    }
}
