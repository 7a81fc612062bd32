using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Authentication;
using MixGateway.Catalog;
using MixGateway.Diagnostics;
using MixGateway.Forwarding;
using MixGateway.OpenAI;
using MixGateway.Tests.Catalog;

namespace MixGateway.Tests.Forwarding;

public sealed class RunningCallsTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder<RunningCalls> _log = new();
    private readonly RunningCalls _running;

    public RunningCallsTests() => _running = new RunningCalls(new ShutdownTimes(TimeSpan.Zero, Timeout), _time, _log);

    public void Dispose() => _running.Dispose();

    [Fact]
    public void CutOff_CallsThatEndedBefore_LeavesTheirContextsAlone()
    {
        var (ended, endedLifetime) = NewCall();
        var (running, runningLifetime) = NewCall();
        _running.Add(ended);
        _running.Add(running);
        _running.RefuseNew();
        _running.Remove(ended);

        _time.Advance(Timeout);

        endedLifetime.Aborts.Should().Be(0, "its context may serve another request");
        runningLifetime.Aborts.Should().Be(1);
    }

    [Fact]
    public void CutOff_OneThatThrows_DoesNotKeepTheOthersFromIt()
    {
        List<Lifetime> lifetimes = [];
        for (var i = 0; i < 5; i++)
        {
            var (call, lifetime) = NewCall();
            lifetime.Throws = i % 2 == 0;
            lifetimes.Add(lifetime);
            _running.Add(call);
        }

        _running.RefuseNew();
        _time.Invoking(static time => time.Advance(Timeout)).Should().NotThrow("on a timer that ends the process");

        lifetimes.Should().OnlyContain(static lifetime => lifetime.Aborts == 1);
        _log.At(Microsoft.Extensions.Logging.LogLevel.Error).Should().HaveCount(3);
    }

    [Fact]
    public async Task CutOff_WhileACallEnds_NeverTouchesItsContextAfterwards()
    {
        for (var round = 0; round < 200; round++)
        {
            using var running = new RunningCalls(new ShutdownTimes(TimeSpan.Zero, Timeout), _time, _log);
            var (call, lifetime) = NewCall();
            running.Add(call);
            running.RefuseNew();
            using var both = new Barrier(2);
            var ends = Task.Run(() =>
            {
                both.SignalAndWait();
                running.Remove(call);
                lifetime.IsRecycled = true;
            });
            both.SignalAndWait();
            _time.Advance(Timeout);
            await ends;
            lifetime.AbortsOfAnother.Should().Be(0);
        }
    }

    /// <summary>Another thread reads while the call goes from attempt to attempt: never the model of one with the count of another.</summary>
    [Fact]
    public async Task Progress_WhileAttemptsFollowEachOther_IsAlwaysOfOneAttempt()
    {
        var (call, _) = NewCall();
        ResolvedModel[] models = [new(null!, null!, "even", "a:even"), new(null!, null!, "odd", "a:odd")];
        call.Target = models[0];
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var torn = 0;
            while (!done.IsCancellationRequested)
            {
                var progress = call.Progress;
                torn += progress.Target == models[progress.Attempts % 2] && progress.DeliveredBytes % 2 == (progress.DeliveredBytes == 0 ? 0 : progress.Attempts % 2) ? 0 : 1;
            }

            return torn;
        });
        for (var attempt = 1; attempt <= 200_000; attempt++)
        {
            call.BeginAttempt(models[attempt % 2]);
            call.DeliveredBytes = 2 + (attempt % 2);
            call.OnFirstByte();
        }

        await done.CancelAsync();

        (await reading).Should().Be(0);
        call.Attempts.Should().Be(200_000);
        call.FirstTokenMs.Should().Be(0);
    }

    private (Call Call, Lifetime Lifetime) NewCall()
    {
        var lifetime = new Lifetime();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Features.Set(RequestId.Create(_time));
        var caller = new Caller(Guid.CreateVersion7(), Guid.CreateVersion7(), default, default, false, null!, null!);
        return (new Call(context, ApiOperation.ChatCompletions, caller, new CallBuffers(new BufferBudget(1 << 20, 1 << 20), caller.AccountId), _time), lifetime);
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public int Aborts { get; private set; }

        public int AbortsOfAnother { get; private set; }

        public bool Throws { get; set; }

        public volatile bool IsRecycled;

        public CancellationToken RequestAborted { get; set; }

        public void Abort()
        {
            Aborts++;
            AbortsOfAnother += IsRecycled ? 1 : 0;
            ObjectDisposedException.ThrowIf(Throws, this);
        }
    }
}
