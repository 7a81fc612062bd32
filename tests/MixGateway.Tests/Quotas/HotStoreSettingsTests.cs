using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

public sealed class HotStoreSettingsTests
{
    [Theory]
    [InlineData("redis:6379", "redis", 6379, false, null, null, null)]
    [InlineData("redis,user=gate,password=p,ssl=true,defaultDatabase=3", "redis", 6379, true, "gate", "p", 3)]
    [InlineData("redis://redis", "redis", 6379, false, null, null, null)]
    [InlineData("REDISS://gate:p%40ss%3A%2F@redis.example.com:6390/3", "redis.example.com", 6390, true, "gate", "p@ss:/", 3)]
    [InlineData("redis://:p@127.0.0.1:7000/", "127.0.0.1", 7000, false, null, "p", null)]
    [InlineData("rediss://[::1]:7000", "::1", 7000, true, null, null, null)]
    public void Read_EveryForm_IsUnderstood(string text, string host, int port, bool ssl, string? user, string? password, int? database)
    {
        var options = HotStoreSettings.Read(Configuration(text))!;

        var endPoint = options.EndPoints.Should().ContainSingle().Subject;
        (endPoint is DnsEndPoint dns ? (dns.Host, dns.Port is 0 ? 6379 : dns.Port) : (((IPEndPoint)endPoint).Address.ToString(), ((IPEndPoint)endPoint).Port)).Should().Be((host, port));
        (options.Ssl, options.User, options.Password, options.DefaultDatabase).Should().Be((ssl, user, password, database));
    }

    [Fact]
    public void Read_PasswordOfItsOwn_Wins()
    {
        HotStoreSettings.Read(Configuration("redis://gate:old@redis", "new"))!.Password.Should().Be("new");
        HotStoreSettings.Read(Configuration("redis,password=old", "new"))!.Password.Should().Be("new");
    }

    [Fact]
    public void Read_Nothing_IsTheStoreOfTheProcess() => HotStoreSettings.Read(Configuration("")).Should().BeNull();

    [Theory]
    [InlineData("redis:6379,passwort=s3cret", "passwort")]
    [InlineData("redis:6379,password=s3cret,keyPrefix=foo:", "keyPrefix")]
    [InlineData("redis:6379,ssl=s3cret", "ssl")]
    [InlineData("redis:6379,defaultDatabase=s3cret", "defaultDatabase")]
    [InlineData("password=s3cret", "names no server")]
    [InlineData("rediss://gate:s3cret@", "cannot be read")]
    [InlineData("redis://gate:s3cret/#@redis", "ConnectionStrings:Redis")]
    [InlineData("redis://redis?password=s3cret", "takes no options")]
    [InlineData("redis://redis/s3cret", "number of a database")]
    public void Read_Mistake_NamesTheSettingAndThePlaceAndNoSecret(string text, string place)
    {
        var read = () => HotStoreSettings.Read(Configuration(text));

        read.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle()
            .Which.Should().StartWith("ConnectionStrings:Redis: ").And.Contain(place).And.NotContain("s3cret").And.NotContain("\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("team-a:")]
    [InlineData("A_b.c-1:")]
    public void KeyPrefix_OfPlainCharacters_IsTaken(string prefix) =>
        new QuotasOptionsValidator().Validate(null, new QuotasOptions { KeyPrefix = prefix }).Succeeded.Should().BeTrue();

    [Theory]
    [InlineData("{a}")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("a\n")]
    public void KeyPrefix_ThatWouldMoveKeysOrMatchOthers_IsRefused(string prefix) =>
        new QuotasOptionsValidator().Validate(null, new QuotasOptions { KeyPrefix = prefix }).FailureMessage.Should().Contain("Quotas:KeyPrefix");

    private static IConfiguration Configuration(string text, string? password = null) => new ConfigurationBuilder()
        .AddInMemoryCollection([new("ConnectionStrings:Redis", text), new("ConnectionStrings:RedisPassword", password)])
        .Build();
}
