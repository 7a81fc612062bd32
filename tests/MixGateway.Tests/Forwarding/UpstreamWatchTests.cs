using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Catalog;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

/// <summary>Every way in which an attempt is ended before the provider ends it, on a clock that only the test moves.</summary>
public sealed class UpstreamWatchTests : IDisposable
{
    private static readonly TimeSpan FirstByte = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Total = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private static readonly Provider Watched = ProviderOf();

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _caller = new();

    public void Dispose() => _caller.Dispose();

    [Fact]
    public void Attempt_ThatBegins_GoesOn()
    {
        using var watch = Watch();

        (watch.Reason, watch.CallerGone, watch.Token.IsCancellationRequested).Should().Be((WatchReason.None, false, false));
    }

    [Fact]
    public void FirstByte_ThatDoesNotCome_EndsTheAttemptAtItsTimeAndNotBefore()
    {
        using var watch = Watch();

        Pass(FirstByte - Step);
        watch.Token.IsCancellationRequested.Should().BeFalse();
        Pass(Step);

        (watch.Reason, watch.Token.IsCancellationRequested).Should().Be((WatchReason.FirstByteTimeout, true));
    }

    [Fact]
    public void Provider_ThatSendsInTime_IsNeverEnded()
    {
        using var watch = Watch();
        for (var i = 0; i < 9; i++)
        {
            Pass(Idle - Step);
            watch.OnRead();
        }

        watch.Reason.Should().Be(WatchReason.None);
    }

    [Fact]
    public void Silence_AfterTheFirstByte_EndsTheAttemptAfterTheIdleTime()
    {
        using var watch = Watch();
        Pass(FirstByte - Step);
        watch.OnRead();

        Pass(Idle - Step);
        watch.Reason.Should().Be(WatchReason.None, "the first byte's time no longer counts");
        Pass(Step);

        watch.Reason.Should().Be(WatchReason.IdleTimeout);
    }

    [Fact]
    public void Caller_WhoIsWrittenToSlowly_CountsAgainstNobodyButTheTotalTime()
    {
        using var watch = Watch();
        watch.OnRead();
        watch.Suspend();

        Pass(Total - Step);
        watch.Reason.Should().Be(WatchReason.None);
        Pass(Step);

        watch.Reason.Should().Be(WatchReason.TotalTimeout);
    }

    [Fact]
    public void Silence_AfterASlowWrite_IsMeasuredFromItsEnd()
    {
        using var watch = Watch();
        watch.OnRead();
        watch.Suspend();
        Pass(Idle * 3);
        watch.OnRead();

        Pass(Idle - Step);
        watch.Reason.Should().Be(WatchReason.None);
        Pass(Idle);

        watch.Reason.Should().Be(WatchReason.IdleTimeout);
    }

    [Fact]
    public void TotalTime_OfALaterAttempt_CountsFromTheFirst()
    {
        var startedAt = _time.GetTimestamp();
        Pass(Total - Idle);
        using var watch = new UpstreamWatch(Watched, _time, startedAt, _caller.Token);

        Pass(Idle);

        watch.Reason.Should().Be(WatchReason.TotalTimeout);
    }

    [Fact]
    public void TotalTime_ThatIsOverAlready_EndsTheAttemptAtOnce()
    {
        var startedAt = _time.GetTimestamp();
        Pass(Total * 2);
        using var watch = new UpstreamWatch(Watched, _time, startedAt, _caller.Token);

        Pass(TimeSpan.FromMilliseconds(1));

        watch.Reason.Should().Be(WatchReason.TotalTimeout);
    }

    [Fact]
    public void Caller_WhoLeaves_EndsTheAttemptAtOnce()
    {
        using var watch = Watch();

        _caller.Cancel();

        (watch.Reason, watch.CallerGone, watch.Token.IsCancellationRequested).Should().Be((WatchReason.CallerLeft, true, true));
    }

    [Fact]
    public void Caller_WhoHasLeftBefore_EndsTheAttemptAtItsBeginning()
    {
        _caller.Cancel();

        using var watch = Watch();

        watch.Reason.Should().Be(WatchReason.CallerLeft);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Drain_OfAnAnswer_EndsAfterItsTimeWhateverIsRead(bool reads)
    {
        using var watch = Watch();
        watch.OnRead();
        watch.DrainWhenCallerLeaves();
        _caller.Cancel();
        (watch.Reason, watch.CallerGone).Should().Be((WatchReason.None, true));

        for (var passed = TimeSpan.Zero; passed < Drain - Step; passed += Step)
        {
            Pass(Step);
            if (reads)
            {
                watch.OnRead();
            }
        }

        watch.Reason.Should().Be(WatchReason.None, "the rest is still read");
        Pass(Step);
        watch.Reason.Should().Be(WatchReason.CallerLeft);
    }

    [Fact]
    public void Drain_ThatIsAskedForTooLate_ChangesNothing()
    {
        using var watch = Watch();
        _caller.Cancel();

        watch.DrainWhenCallerLeaves();

        watch.Reason.Should().Be(WatchReason.CallerLeft);
    }

    [Theory]
    [InlineData(nameof(WatchReason.Stopped))]
    [InlineData(nameof(WatchReason.Suspended))]
    [InlineData(nameof(WatchReason.Abandoned))]
    public void End_FromOutside_KeepsTheFirstReason(string reason)
    {
        using var watch = Watch();

        watch.End(Enum.Parse<WatchReason>(reason));
        _caller.Cancel();
        Pass(Total);

        watch.Reason.ToString().Should().Be(reason);
        watch.Token.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void Attempt_ThatIsOver_IsEndedByNothingAnyMore()
    {
        var watch = Watch();
        watch.Dispose();

        _caller.Cancel();
        Pass(Total);
        watch.Invoking(static ended => ended.End(WatchReason.Stopped)).Should().NotThrow("the end may come at the very moment");
    }

    private UpstreamWatch Watch() => new(Watched, _time, _time.GetTimestamp(), _caller.Token);

    /// <summary>In small steps, so that a timer that re-arms itself fires when it would.</summary>
    private void Pass(TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= Step)
        {
            _time.Advance(left < Step ? left : Step);
        }
    }

    private static Provider ProviderOf()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Providers:p:BaseUrl"] = "http://127.0.0.1:1/v1",
            ["Providers:p:FirstByteTimeout"] = FirstByte.ToString("c"),
            ["Providers:p:IdleTimeout"] = Idle.ToString("c"),
            ["Providers:p:DrainTimeout"] = Drain.ToString("c"),
            ["Providers:p:TotalTimeout"] = Total.ToString("c"),
            ["Providers:p:Models:*:InputPrice"] = "1",
            ["Providers:p:Models:*:OutputPrice"] = "1",
        };
        return CatalogReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), [], revision: 1).Snapshot!.Providers["p"];
    }
}
