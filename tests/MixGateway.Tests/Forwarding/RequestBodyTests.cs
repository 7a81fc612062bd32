using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Forwarding;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.Tests.Forwarding;

public sealed class RequestBodyTests : IDisposable
{
    private const int Limit = 1_000_000;

    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly DefaultHttpContext _context = new();
    private readonly BufferBudget _budget = new(4 * Limit, Limit);
    private readonly CallBuffers _buffers;
    private readonly RequestBody _body;

    public RequestBodyTests()
    {
        _context.Features.Set<IRequestBodyPipeFeature>(new PipeOf(_pipe.Reader));
        _buffers = new CallBuffers(_budget, Guid.NewGuid());
        _body = new RequestBody(_buffers, new BodyLimits(Limit, BodyTimeout), _time);
    }

    public void Dispose()
    {
        _body.Dispose();
        _buffers.Dispose();
        _budget.Used.Should().Be(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(RequestBody.OrdinaryLength)]
    [InlineData(RequestBody.OrdinaryLength + 1)]
    [InlineData(Limit)]
    public async Task Body_OfACheckedCaller_IsReadWhole(int length)
    {
        var sent = await SendAsync(length);
        await _pipe.Writer.CompleteAsync();

        (await ReadAsync(isChecked: true)).Should().Be(BodyReadResult.Read);

        _body.Span.SequenceEqual(sent).Should().BeTrue();
    }

    [Fact]
    public async Task Body_ThatIsOnlyDeclared_TakesNothing()
    {
        _context.Request.ContentLength = Limit;
        await SendAsync(500);

        var reading = ReadAsync(isChecked: true);

        reading.IsCompleted.Should().BeFalse();
        _budget.Used.Should().Be(0);
        await SendAsync(300_000);
        await Eventually.TrueAsync(() => Task.FromResult(_budget.Used > 280_000), "what came is counted");
        _budget.Used.Should().BeLessThan(400_000);
        await _pipe.Writer.CompleteAsync();
        await reading;
    }

    [Fact]
    public async Task Body_ThatDeclaresMuch_AsksForTheCheckBeforeAnythingIsRead()
    {
        _context.Request.ContentLength = RequestBody.OrdinaryLength + 1;
        await SendAsync(10);

        (await ReadAsync(isChecked: false)).Should().Be(BodyReadResult.Unchecked);

        _body.Length.Should().Be(0);
    }

    [Fact]
    public async Task Body_WithoutALengthThatTurnsOutLong_AsksForTheCheckAndThenGoesOn()
    {
        var first = await SendAsync(RequestBody.OrdinaryLength + 1);

        (await ReadAsync(isChecked: false)).Should().Be(BodyReadResult.Unchecked);

        _body.Length.Should().BeLessThanOrEqualTo(RequestBody.OrdinaryLength);
        var second = await SendAsync(1000);
        await _pipe.Writer.CompleteAsync();
        (await ReadAsync(isChecked: true)).Should().Be(BodyReadResult.Read);
        _body.Span.SequenceEqual([.. first, .. second]).Should().BeTrue();
    }

    [Fact]
    public async Task Body_ThatIsSmallButSlow_AsksForTheCheck()
    {
        _context.Request.ContentLength = 100;
        var reading = ReadAsync(isChecked: false);
        _time.Advance(TimeSpan.FromSeconds(1));

        await SendAsync(10);

        (await reading).Should().Be(BodyReadResult.Unchecked);
    }

    [Fact]
    public async Task Body_ThatIsSmallAndThere_NeedsNoCheck()
    {
        _context.Request.ContentLength = 100;
        var reading = ReadAsync(isChecked: false);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await SendAsync(100);
        await _pipe.Writer.CompleteAsync();

        (await reading).Should().Be(BodyReadResult.Read);
    }

    [Fact]
    public async Task Body_ThatIsNotThereInTime_IsTooSlowHoweverItIsRead()
    {
        _context.Request.ContentLength = Limit;
        var reading = ReadAsync(isChecked: true);
        for (var i = 0; i < 29; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(300);
        }

        reading.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await reading).Should().Be(BodyReadResult.TooSlow);
    }

    [Fact]
    public async Task Body_BeyondTheLimit_IsTooLargeWithOrWithoutALength()
    {
        _context.Request.ContentLength = Limit + 1;
        (await ReadAsync(isChecked: false)).Should().Be(BodyReadResult.TooLarge);

        _context.Request.ContentLength = null;
        await SendAsync(Limit + 1);
        (await ReadAsync(isChecked: true)).Should().Be(BodyReadResult.TooLarge);
    }

    [Fact]
    public async Task Body_BeyondTheBudget_IsRefused()
    {
        var budget = new BufferBudget(500_000, largestBody: 100_000);
        using var buffers = new CallBuffers(budget, Guid.NewGuid());
        using var body = new RequestBody(buffers, new BodyLimits(Limit, BodyTimeout), _time);
        await SendAsync(400_000);

        (await body.ReadAsync(_context.Request, isChecked: true, CancellationToken.None)).Should().Be(BodyReadResult.OverBudget);

        budget.RefusedToAccounts.Should().Be(1);
    }

    [Fact]
    public async Task KeepSample_OfALongBody_ReturnsAllButTheSample()
    {
        var sent = await SendAsync(500_000);
        await _pipe.Writer.CompleteAsync();
        await ReadAsync(isChecked: true);
        _buffers.TryBegin();

        _body.KeepSample();

        _body.Span.SequenceEqual(sent.AsSpan(0, RequestBody.SampleLength)).Should().BeTrue();
        _budget.Used.Should().Be(RequestBody.SampleLength);
    }

    [Fact]
    public async Task Lease_OfABodyThatIsCutAndGone_KeepsTheWholeUntilTheLastIsReturned()
    {
        var sent = await SendAsync(500_000);
        await _pipe.Writer.CompleteAsync();
        await ReadAsync(isChecked: true);
        _body.TryLease(500_000, out var first).Should().BeTrue();
        _body.TryLease(500_000, out var second).Should().BeTrue();

        _body.KeepSample();
        _body.Length.Should().Be(RequestBody.SampleLength);
        _body.TryLease(500_000, out _).Should().BeFalse("the whole is no longer the body's");
        first.Return();
        _body.Dispose();
        second.Memory.Span.SequenceEqual(sent).Should().BeTrue();
        _budget.Used.Should().BeGreaterThan(400_000);
        second.Return();

        _budget.Used.Should().Be(0);
        _body.TryLease(500_000, out _).Should().BeFalse();
    }

    [Fact]
    public async Task Lease_OfASmallBodyThatIsGone_KeepsIt()
    {
        var sent = await SendAsync(500);
        await _pipe.Writer.CompleteAsync();
        await ReadAsync(isChecked: true);
        _body.TryLease(500, out var lease).Should().BeTrue();

        _body.KeepSample();
        _body.Dispose();

        lease.Memory.Span.SequenceEqual(sent).Should().BeTrue();
        lease.Return();
    }

    [Fact]
    public async Task Lease_TakenWhileTheBodyGoes_IsWholeOrNone()
    {
        var sent = await SendAsync(Limit);
        await _pipe.Writer.CompleteAsync();
        await ReadAsync(isChecked: true);
        var leasing = Task.Run(() =>
        {
            var taken = 0;
            while (_body.TryLease(Limit, out var lease))
            {
                lease.Memory.Span.SequenceEqual(sent).Should().BeTrue();
                lease.Return();
                taken++;
            }

            return taken;
        });
        await Eventually.TrueAsync(() => Task.FromResult(leasing.Status != TaskStatus.WaitingToRun), "leases are taken");

        _body.KeepSample();
        _body.Dispose();

        await leasing;
    }

    private Task<BodyReadResult> ReadAsync(bool isChecked) => _body.ReadAsync(_context.Request, isChecked, CancellationToken.None).AsTask();

    private async Task<byte[]> SendAsync(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        _pipe.Writer.Write(bytes);
        await _pipe.Writer.FlushAsync();
        return bytes;
    }

    private sealed class PipeOf(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }
}
