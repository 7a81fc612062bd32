using Microsoft.Extensions.Time.Testing;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class HotStoreDiagnosisTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<TaskCompletionSource<string?>> _trials = new();
    private readonly HotStoreDiagnosis _diagnosis;
    private int _asked;

    public HotStoreDiagnosisTests() => _diagnosis = new HotStoreDiagnosis(
        () =>
        {
            _asked++;
            var trial = new TaskCompletionSource<string?>();
            _trials.Enqueue(trial);
            return trial.Task;
        },
        _time);

    [Fact]
    public async Task Why_FirstSilence_WaitsForTheReason()
    {
        var why = _diagnosis.WhyAsync();
        why.IsCompleted.Should().BeFalse();
        _trials.Dequeue().SetResult("nothing listens");

        (await why).Should().Be("nothing listens");
        (await _diagnosis.WhyAsync()).Should().Be("nothing listens");
        _asked.Should().Be(1);
    }

    [Fact]
    public async Task Why_SilenceGoesOn_IsFoundOutAgainBesideTheLooks()
    {
        var first = _diagnosis.WhyAsync();
        _trials.Dequeue().SetResult("nothing listens");
        await first;

        _time.Advance(HotStoreDiagnosis.Interval);
        (await _diagnosis.WhyAsync()).Should().Be("nothing listens", "nobody waits for the next trial");
        _asked.Should().Be(2);
        _trials.Dequeue().SetResult("the password is wrong");
        (await _diagnosis.WhyAsync()).Should().Be("the password is wrong");
    }

    [Fact]
    public async Task Why_TrialBreaks_HasNoReasonAndIsTriedAgain()
    {
        var why = _diagnosis.WhyAsync();
        _trials.Dequeue().SetException(new InvalidOperationException("a bug"));
        (await why).Should().BeNull();

        _diagnosis.Forget();
        var next = _diagnosis.WhyAsync();
        _trials.Dequeue().SetResult("nothing listens");
        (await next).Should().Be("nothing listens");
    }
}
