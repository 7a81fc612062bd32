using Microsoft.Extensions.Configuration;
using MixGateway.Billing;
using MixGateway.Usage;

namespace MixGateway.Tests.Usage;

public sealed class OpenCallsTests
{
    private static readonly Guid Id = Guid.CreateVersion7();
    private static readonly Money Hold = new(7);

    private readonly OpenCalls _calls = Create("");

    [Fact]
    public void Take_CallThatEndedBeforeItsTurn_IsNothing()
    {
        _calls.Open(Id, Hold, Record(1));
        _calls.Close(Id);
        _calls.Take().IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Take_CallThatRuns_IsWrittenOnceAndAgainAfterAHeartbeat()
    {
        _calls.Open(Id, Hold, Record(1));
        Written().Should().Equal((Id, Hold, (byte)1));
        _calls.Take().IsEmpty.Should().BeTrue();
        _calls.Beat(Id, Record(2));
        _calls.Beat(Id, Record(3));
        Written().Should().Equal((Id, Hold, (byte)3));
    }

    [Fact]
    public void Take_WrittenCallThatEnded_IsRemovedOnce()
    {
        _calls.Open(Id, Hold, Record(1));
        _calls.Take();
        _calls.Beat(Id, Record(2));
        _calls.Close(Id);
        _calls.Close(Id);
        var changes = _calls.Take();
        changes.Opened.Should().BeEmpty();
        changes.Closed.Should().Equal(Id);
        _calls.Beat(Id, Record(3));
        _calls.Take().IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void GiveBack_ChangesThatCouldNotBeWritten_AreDueAgain()
    {
        var ended = Guid.CreateVersion7();
        _calls.Open(Id, Hold, Record(1));
        _calls.Open(ended, Hold, Record(1));
        var changes = _calls.Take();
        _calls.Close(ended);
        _calls.GiveBack(changes);
        var again = _calls.Take();
        again.Opened.Select(call => call.RequestId).Should().Equal(Id);
        again.Closed.Should().Equal(ended);
    }

    [Fact]
    public void GiveBack_RemovalThatCouldNotBeWritten_IsDueAgain()
    {
        _calls.Open(Id, Hold, Record(1));
        _calls.Take();
        _calls.Close(Id);
        _calls.GiveBack(_calls.Take());
        _calls.Take().Closed.Should().Equal(Id);
    }

    [Fact]
    public async Task Changed_AfterACallBegan_IsDone()
    {
        using var stop = new CancellationTokenSource();
        var changed = _calls.ChangedAsync(stop.Token);
        changed.IsCompleted.Should().BeFalse();
        _calls.Open(Id, Hold, Record(1));
        _calls.Beat(Id, Record(2));
        await changed;
        _calls.ChangedAsync(stop.Token).IsCompleted.Should().BeTrue("it changed again since");
        await stop.CancelAsync();
    }

    [Fact]
    public void Open_WithAHotStoreThatOutlivesTheProcess_NotesNothing()
    {
        var calls = Create("127.0.0.1:6379");
        calls.Open(Id, Hold, Record(1));
        calls.Take().IsEmpty.Should().BeTrue();
    }

    private static OpenCalls Create(string redis) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:Redis", redis)]).Build());

    private static ReadOnlyMemory<byte> Record(byte content) => new[] { content };

    private IEnumerable<(Guid, Money, byte)> Written() => _calls.Take().Opened.Select(call => (call.RequestId, call.Hold, call.Record.Span[0]));
}
