using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class AccountShardTests
{
    /// <summary>Worked out with an implementation of XXH32 in another language, over the id's bytes in the order they are written.</summary>
    [Theory]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff", 63)]
    [InlineData("00000000-0000-0000-0000-000000000000", 58)]
    [InlineData("019aa5c8-e400-7abc-8def-0123456789ab", 40)]
    public void Of_KnownAccount_IsTheShardThatEveryVersionComputes(string id, int shard) =>
        AccountShard.Of(Guid.Parse(id)).Should().Be(shard);

    [Fact]
    public void KeysOf_Account_ShareTheShardsTag()
    {
        var id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        AccountShard.KeysOf(id).Select(k => k.ToString()).Should().Equal(
            "mg:{s63}:a:00112233445566778899aabbccddeeff", "mg:{s63}:calls", "mg:{s63}:due");
        AccountShard.KeysOf(63).Select(k => k.ToString()).Should().Equal("mg:{s63}:swept", "mg:{s63}:calls", "mg:{s63}:due");
        AccountShard.KeysOf(7)[0].ToString().Should().Be("mg:{s07}:swept");
    }
}
