using System.Text;
using FsCheck;
using FsCheck.Xunit;
using MixGateway.OpenAI;

namespace MixGateway.Tests.OpenAI;

public sealed class RequestEditorTests
{
    [Theory]
    [InlineData("""{"model":"a:b","messages":[]}""", """{"model":"up","messages":[]}""")]
    [InlineData("""{ "model" : "a:b" }""", """{ "model" : "up" }""")]
    [InlineData("""{"x":1e400,"model":"a:b","y":"\u00e9"}""", """{"x":1e400,"model":"up","y":"\u00e9"}""")]
    [InlineData("""{"model":"a","model":"a"}""", """{"model":"up","model":"up"}""")]
    [InlineData("""{"model":"a","stream_options":{"include_usage":false}}""", """{"model":"up","stream_options":{"include_usage":false}}""")]
    [InlineData("""{"model":"a","stream":true}""", """{"stream_options":{"include_usage":true},"model":"up","stream":true}""")]
    [InlineData("""{"stream":true,"stream_options":null,"model":"a"}""", """{"stream":true,"stream_options":{"include_usage":true},"model":"up"}""")]
    [InlineData("""{"model":"a","stream":true,"stream_options":{}}""", """{"model":"up","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"model":"a","stream":true,"stream_options":{ "x":1}}""", """{"model":"up","stream":true,"stream_options":{"include_usage":true, "x":1}}""")]
    [InlineData("""{"stream_options":{"include_usage": null },"model":"a","stream":true}""", """{"stream_options":{"include_usage": true },"model":"up","stream":true}""")]
    [InlineData("""{"model":"a","stream":true,"stream_options":{"include_usag\u0065":false}}""", """{"model":"up","stream":true,"stream_options":{"include_usag\u0065":true}}""")]
    [InlineData("""{"model":"a","stream":true,"stream_options":{"include_usage":true}}""", """{"model":"up","stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("""{"stream_options":{},"model":"a","stream":true,"stream_options":{}}""", """{"stream_options":{"include_usage":true},"model":"up","stream":true,"stream_options":{"include_usage":true}}""")]
    public void Edit_Request_ChangesOnlyModelAndUsage(string sent, string expected) =>
        Edit(Encoding.UTF8.GetBytes(sent), ApiOperation.ChatCompletions, "\"up\"").Should().Be(expected);

    [Fact]
    public void Edit_Embeddings_NeverAsksForUsage() =>
        Edit("""{"model":"a","stream":true}"""u8.ToArray(), ApiOperation.Embeddings, "\"up\"").Should().Be("""{"model":"up","stream":true}""");

    [Fact]
    public void Edit_LegacyCompletions_AsksForUsage() =>
        Edit("""{"model":"a","stream":true}"""u8.ToArray(), ApiOperation.Completions, "\"up\"").Should().Contain("include_usage");

    [Property(MaxTest = 1500)]
    public void Edit_AnyRequest_IsTheSentBytesButForTheEdits(DoNotSize<int> seed)
    {
        var request = new RandomRequest(seed.Item);

        Edit(request.Sent, ApiOperation.ChatCompletions, RandomRequest.UpstreamJson).Should().Be(Encoding.UTF8.GetString(request.Expected));
    }

    [Property(MaxTest = 300)]
    public void Edit_AnyEmbeddingsRequest_OnlyRenamesTheModel(DoNotSize<int> seed)
    {
        var request = new RandomRequest(seed.Item, streamEdits: false);

        Edit(request.Sent, ApiOperation.Embeddings, RandomRequest.UpstreamJson).Should().Be(Encoding.UTF8.GetString(request.Expected));
    }

    [Property(MaxTest = 300)]
    public void TryRead_AnyRequest_FindsModelAndStream(DoNotSize<int> seed)
    {
        var request = new RandomRequest(seed.Item);

        RequestReader.TryRead(request.Sent, ApiOperation.ChatCompletions, out var envelope, out _).Should().BeTrue();

        envelope!.Model.Should().Be(request.Model);
        envelope.Stream.Should().Be(request.Stream);
        envelope.TextBytes.Should().BeInRange(1, request.Sent.Length);
    }

    [Property(MaxTest = 300)]
    public void Edit_EditedAgain_StaysTheSame(DoNotSize<int> seed)
    {
        var once = Edit(new RandomRequest(seed.Item).Sent, ApiOperation.ChatCompletions, "\"up\"");

        Edit(Encoding.UTF8.GetBytes(once), ApiOperation.ChatCompletions, "\"up\"").Should().Be(once);
    }

    private static string Edit(byte[] body, ApiOperation operation, string upstreamModelJson)
    {
        RequestReader.TryRead(body, operation, out var envelope, out var error);
        error.Should().BeNull();
        var upstream = Encoding.UTF8.GetBytes(upstreamModelJson);
        var edited = new byte[RequestEditor.EditedLength(body.Length, envelope!.Edits, upstream, default)];
        RequestEditor.Edit(body, envelope!.Edits, upstream, default, edited).Should().Be(edited.Length);
        return Encoding.UTF8.GetString(edited);
    }
}
