using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class UnreadBodyMiddlewareTests
{
    private const int MaxBody = 100_000;

    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly DefaultHttpContext _context = new();
    private readonly SizeLimit _limit = new();

    public UnreadBodyMiddlewareTests()
    {
        _context.Features.Set<IRequestBodyPipeFeature>(new PipeOf(_body.Reader));
        _context.Features.Set<IHttpMaxRequestBodySizeFeature>(_limit);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(503)]
    public async Task Refusal_WithABodyStillToCome_ReadsItToItsEnd(int status)
    {
        await SendAsync(1000);

        var answering = InvokeAsync(status);

        answering.IsCompleted.Should().BeFalse();
        _limit.MaxRequestBodySize.Should().BeNull("the server's own limit would end the connection");
        await SendAsync(50_000);
        await _body.Writer.CompleteAsync();
        await answering;
    }

    [Theory]
    [InlineData(200)]
    [InlineData(304)]
    [InlineData(408)]
    public async Task Answer_ThatNeedsNoReading_LeavesTheBody(int status)
    {
        await SendAsync(1000);

        await InvokeAsync(status);

        _body.Reader.TryRead(out var read).Should().BeTrue();
        read.Buffer.Length.Should().Be(1000);
    }

    [Fact]
    public async Task Refusal_OfABodyThatDoesNotEnd_StopsAtTheBodysTime()
    {
        var answering = InvokeAsync(401);
        _time.Advance(BodyTimeout - TimeSpan.FromSeconds(1));
        await SendAsync(1000);
        answering.IsCompleted.Should().BeFalse();

        _time.Advance(TimeSpan.FromSeconds(1));

        await answering;
    }

    [Fact]
    public async Task Refusal_OfABodyBeyondTheLimit_StopsThere()
    {
        await SendAsync(MaxBody);
        var answering = InvokeAsync(413);
        answering.IsCompleted.Should().BeFalse();

        await SendAsync(1);

        await answering;
    }

    [Fact]
    public async Task Refusal_OfACallerWhoWaitsForOurWord_ReadsNothing()
    {
        _context.Request.Headers.Expect = "100-continue";

        await InvokeAsync(401);
    }

    [Fact]
    public async Task Refusal_OfACallerWhoLeaves_IsOver()
    {
        var answering = InvokeAsync(401);

        await _body.Writer.CompleteAsync(new IOException("reset"));

        await answering;
    }

    private Task InvokeAsync(int status)
    {
        var options = Options.Create(new LimitsOptions { MaxRequestBody = MaxBody, BodyTimeout = BodyTimeout });
        var middleware = new UnreadBodyMiddleware(
            context =>
            {
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            },
            options,
            _time);
        return middleware.InvokeAsync(_context);
    }

    private async Task SendAsync(int length)
    {
        _body.Writer.Write(new byte[length]);
        await _body.Writer.FlushAsync();
    }

    private sealed class PipeOf(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    private sealed class SizeLimit : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; } = 10;
    }
}
