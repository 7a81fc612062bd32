using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using MixGateway.Routing;

namespace MixGateway.Tests.Routing;

public sealed class RenderedAnswerTests
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("{\"id\":\"sim:model\"},", 200));

    [Theory]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("deflate", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData(null, null)]
    public async Task Answer_InWhatTheReaderTakes_IsTheSameText(string? accepted, string? encoding)
    {
        var context = await SendAsync(Text, request => request.Headers.AcceptEncoding = accepted);

        context.Response.Headers.ContentEncoding.ToString().Should().Be(encoding ?? "");
        context.Response.Headers.Vary.ToString().Should().Contain("Accept-Encoding");
        var body = (MemoryStream)context.Response.Body;
        context.Response.ContentLength.Should().Be(body.Length);
        body.Position = 0;
        using var reader = new StreamReader(encoding switch { "br" => new BrotliStream(body, CompressionMode.Decompress), "gzip" => new GZipStream(body, CompressionMode.Decompress), _ => body });
        (await reader.ReadToEndAsync()).Should().Be(Text);
    }

    [Theory]
    [InlineData("{0}", true)]
    [InlineData("\"other\", {0}", true)]
    [InlineData("*", true)]
    [InlineData("\"other\"", false)]
    [InlineData("not a tag", false)]
    public async Task Reader_WhoHasItAlready_IsSparedIt(string tags, bool spared)
    {
        var tag = (await SendAsync(Text, static _ => { })).Response.Headers.ETag.ToString();

        var context = await SendAsync(Text, request => request.Headers.IfNoneMatch = tags.Replace("{0}", tag, StringComparison.Ordinal));

        context.Response.StatusCode.Should().Be(spared ? 304 : 200);
        context.Response.Body.Length.Should().Be(spared ? 0 : Text.Length);
        context.Response.Headers.ETag.ToString().Should().Be(tag);
    }

    [Fact]
    public async Task Answer_ThatIsAnother_HasAnotherTag() =>
        (await SendAsync(Text, static _ => { })).Response.Headers.ETag.Should().NotBeEquivalentTo((await SendAsync(Text + " ", static _ => { })).Response.Headers.ETag);

    [Fact]
    public async Task Answer_ThatIsShort_IsNotCompressed() =>
        (await SendAsync("short", static request => request.Headers.AcceptEncoding = "br")).Response.Headers.ContentEncoding.Should().BeEmpty();

    private static async Task<HttpContext> SendAsync(string text, Action<HttpRequest> change)
    {
        var context = new DefaultHttpContext { Request = { Method = "GET" }, Response = { Body = new MemoryStream() } };
        change(context.Request);
        await new RenderedAnswer(Encoding.UTF8.GetBytes(text), "application/json").SendAsync(context);
        return context;
    }
}
