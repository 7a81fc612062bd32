using Microsoft.Extensions.Time.Testing;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

public sealed class ReplicaWatchTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly Guid Id = Guid.CreateVersion7();

    private readonly FakeTimeProvider _time = new();
    private readonly ReplicaWatch _watch;

    public ReplicaWatchTests() => _watch = new ReplicaWatch(Lease, _time);

    [Fact]
    public void Replica_WithoutASignForALease_IsDeadAndNotBefore()
    {
        _watch.IsDead(At(7)).Should().BeFalse("it was seen for the first time");
        _time.Advance(Lease - TimeSpan.FromSeconds(1));
        _watch.IsDead(At(7)).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        _watch.IsDead(At(7)).Should().BeTrue();
        _watch.Lives(At(7)).Should().BeFalse();
    }

    [Fact]
    public void Replica_WithSigns_NeitherDiesNorLivesBeforeTheSecond()
    {
        _watch.IsDead(At(7));
        _watch.Lives(At(7)).Should().BeFalse();
        _time.Advance(Lease);
        _watch.IsDead(At(8)).Should().BeFalse();
        _watch.Lives(At(8)).Should().BeFalse("what it says may be from before it was watched");
        _watch.IsDead(At(9)).Should().BeFalse();
        _watch.Lives(At(9)).Should().BeTrue();
        _time.Advance(Lease);
        _watch.IsDead(At(9)).Should().BeTrue("its signs stayed away since");
    }

    private static ReplicaRow At(long beats) => new() { Id = Id, HotStoreId = "a", HotStore = "Redis", Host = "host", Beats = beats, SeenAt = DateTime.UnixEpoch };
}
