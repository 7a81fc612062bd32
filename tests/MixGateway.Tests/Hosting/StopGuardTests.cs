using MixGateway.Hosting;

namespace MixGateway.Tests.Hosting;

public sealed class StopGuardTests
{
    [Fact]
    public async Task Stop_ThatTakesTooLong_IsCutOff()
    {
        var ended = new TaskCompletionSource();
        var guard = new StopGuard(TimeSpan.FromMilliseconds(20), ended.SetResult);

        guard.Begin();

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Guard_WhileNothingStops_DoesNothing()
    {
        var ended = new TaskCompletionSource();
        _ = new StopGuard(TimeSpan.Zero, ended.SetResult);

        ended.Task.IsCompleted.Should().BeFalse("its thread waits for the stop, however short its patience is");
    }
}
