using MixGateway.Hosting;

namespace MixGateway.Tests.Hosting;

public sealed class GatewayArgumentsTests
{
    [Theory]
    [InlineData("--help", Command.Help)]
    [InlineData("-h", Command.Help)]
    [InlineData("--version", Command.Version)]
    [InlineData("--check", Command.Check)]
    [InlineData("--migrate", Command.Migrate)]
    [InlineData("--health", Command.Health)]
    public void Command_BesideASetting_TakesNothingFromIt(string command, object expected)
    {
        var line = GatewayArguments.Parse([command, "--urls", "http://127.0.0.1:1"]);

        line.Command.Should().Be((Command)expected);
        line.Settings.Should().Equal("--urls=http://127.0.0.1:1");
        line.Mistakes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("--Quotas:Lease=00:01:00")]
    [InlineData("--quotas:lease", "00:01:00")]
    [InlineData("Quotas:Lease=00:01:00")]
    [InlineData("--urls=http://127.0.0.1:0")]
    [InlineData("--environment=Development")]
    [InlineData("--contentRoot=/srv")]
    [InlineData("--Data:Path", "/srv")]
    [InlineData("--ConnectionStrings:Postgres=Host=db;Database=x")]
    [InlineData("--Providers:deepseek:Models:*:InputPrice=1")]
    [InlineData("--Aliases:smart:0=a:b")]
    [InlineData("--Cors:Origins=https://a.example,https://b.example")]
    [InlineData("--Cors:Origins:1=https://a.example")]
    [InlineData("--Kestrel:Endpoints:Public:Url=https://*:8443")]
    [InlineData("--Serilog:MinimumLevel:Override:MixGateway=Debug")]
    [InlineData("--OTEL_SERVICE_NAME=gateway")]
    public void Setting_OfTheSchema_IsTaken(params string[] args)
    {
        var line = GatewayArguments.Parse(args);

        line.Command.Should().Be(Command.Run);
        line.Mistakes.Should().BeEmpty();
        line.Settings.Should().ContainSingle().Which.Should().StartWith("--").And.Contain("=");
    }

    [Fact]
    public void Entry_OfAKnownSectionThatIsLikeNoOther_IsLeftToTheWarning() =>
        GatewayArguments.Parse(["--Limits:SomethingOfTheNextVersion=1"]).Mistakes.Should().BeEmpty();

    [Theory]
    [InlineData("--migrat", "--migrate")]
    [InlineData("--verbose", "--help")]
    [InlineData("--Quotas:Leese=00:01:00", "Quotas:Lease")]
    [InlineData("--ConnectionStrings:Postgress=Host=x", "ConnectionStrings:Postgres")]
    [InlineData("--ConnectionStrings:Reporting=x", "ConnectionStrings:Reporting")]
    [InlineData("--Foo:Bar=1", "Foo:Bar")]
    [InlineData("start", "start")]
    [InlineData("--urls", "--urls=value")]
    [InlineData("--help=yes", "no value")]
    public void Argument_ThatIsNeither_IsAMistakeThatNamesIt(string arg, string named)
    {
        var line = GatewayArguments.Parse([arg]);

        line.Mistakes.Should().ContainSingle().Which.Should().Contain(arg.Split('=')[0]).And.Contain(named);
    }

    [Fact]
    public void Mistakes_Several_AreAllTold()
    {
        var line = GatewayArguments.Parse(["--nonsense", "value", "--Quotas:Leese=1", "--urls", "--check", "--migrate"]);

        line.Mistakes.Should().HaveCount(4, "two names, a missing value and two commands: {0}", string.Join('\n', line.Mistakes));
    }

    [Fact]
    public void Nothing_Given_StartsTheGateway() => GatewayArguments.Parse([]).Should().BeEquivalentTo(new { Command = Command.Run, Settings = Array.Empty<string>(), Mistakes = Array.Empty<string>() });
}
