using Microsoft.Extensions.Time.Testing;
using MixGateway.Diagnostics;
using Serilog.Events;
using Serilog.Parsing;

namespace MixGateway.Tests.Diagnostics;

public sealed class ConnectionRejectionsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Rejections_Many_AreOneLineAMinute()
    {
        var rejections = new ConnectionRejections(_time);

        Enumerable.Range(0, 3).Select(_ => rejections.IsRepeated(Entry("ConnectionRejected"))).Should().Equal(false, true, true);
        _time.Advance(TimeSpan.FromMinutes(1));
        rejections.IsRepeated(Entry("ConnectionRejected")).Should().BeFalse();
        rejections.IsRepeated(Entry("ConnectionBadRequest")).Should().BeFalse("nothing else is held back");
    }

    private static LogEvent Entry(string name) => new(
        DateTimeOffset.UnixEpoch, LogEventLevel.Warning, null, new MessageTemplateParser().Parse("x"),
        [
            new LogEventProperty("SourceContext", new ScalarValue("Microsoft.AspNetCore.Server.Kestrel.Connections")),
            new LogEventProperty("EventId", new StructureValue([new LogEventProperty("Name", new ScalarValue(name))])),
        ]);
}
