using Microsoft.Extensions.Configuration;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class ShutdownTimesTests
{
    [Fact]
    public void Times_NotSet_AreNoDelayAndHalfAMinute() =>
        Read([]).Should().Be((new ShutdownTimes(TimeSpan.Zero, TimeSpan.FromSeconds(30)), 0));

    [Fact]
    public void Times_Set_AreTaken()
    {
        var (times, _) = Read(new() { ["ShutdownDelay"] = "00:00:05", ["ShutdownTimeout"] = "00:01:00" });

        times.Should().Be(new ShutdownTimes(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)));
        times.Whole.Should().BeGreaterThan(TimeSpan.FromSeconds(65), "the books come after the calls");
    }

    [Theory]
    [InlineData("ShutdownDelay", "-00:00:01")]
    [InlineData("ShutdownDelay", "soon")]
    [InlineData("ShutdownTimeout", "00:00:00")]
    [InlineData("ShutdownTimeout", "2.00:00:00")]
    public void Time_ThatCannotBeUsed_IsAMistake(string key, string value) => Read(new() { [key] = value }).Mistakes.Should().Be(1);

    private static (ShutdownTimes Times, int Mistakes) Read(Dictionary<string, string?> settings)
    {
        List<string> mistakes = [];
        return (ShutdownTimes.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), mistakes), mistakes.Count);
    }
}
