using MixGateway.Catalog;
using MixGateway.Forwarding;

namespace MixGateway.Tests.Forwarding;

public sealed class CallAttemptTests
{
    [Fact]
    public void OnFirstByte_Twice_KeepsTheFirst()
    {
        var attempt = new CallAttempt(new ResolvedModel(null!, null!, "x", "a:x"), 1);
        attempt.FirstToken.Should().BeNull();
        attempt.OnFirstByte(TimeSpan.Zero);
        attempt.OnFirstByte(TimeSpan.FromSeconds(1));
        attempt.FirstToken.Should().Be(TimeSpan.Zero);
    }
}
