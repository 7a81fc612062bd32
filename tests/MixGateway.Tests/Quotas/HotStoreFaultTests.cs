using System.Net.Sockets;
using System.Security.Authentication;
using MixGateway.Quotas;
using StackExchange.Redis;

namespace MixGateway.Tests.Quotas;

public sealed class HotStoreFaultTests
{
    [Theory]
    [InlineData("SimpleError: WRONGPASS invalid username-password pair or user is disabled.", "ConnectionStrings:RedisPassword")]
    [InlineData("NOAUTH Returned - connection has not yet authenticated", "asks for a password")]
    [InlineData("NOPERM this user has no permissions to run the 'evalsha' command", "evalsha")]
    [InlineData("ERR The user executing the script can't run this command or subcommand script: 8989, on @user_script:1.", "too few rights")]
    [InlineData("ERR ACL failure in script: User u has no permissions to run the 'time' command", "'time'")]
    [InlineData("ERR unknown command 'EVALSHA', with args beginning with: ", "renamed")]
    [InlineData("READONLY You can't write against a read only replica.", "primary")]
    [InlineData("LOADING Redis is loading the dataset in memory", "by itself")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", "disk")]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory")]
    public void Describe_WhatTheServerAnswers_SaysWhatToDo(string answer, string advice)
    {
        HotStoreFault.Describe(new RedisServerException(RedisErrorKind.Unknown, CommandFlags.None, answer)).Should().Contain(advice).And.NotContain("\n");
        HotStoreFault.Describe(new RedisConnectionException(ConnectionFailureType.AuthenticationFailure, CommandFlags.None, "No way.", new RedisServerException(RedisErrorKind.Unknown, CommandFlags.None, answer), CommandStatus.Unknown)).Should().Contain(advice);
    }

    [Fact]
    public void Describe_CauseHoweverItIsWrapped_IsFound()
    {
        (Exception Cause, string Words)[] causes =
        [
            (new SocketException((int)SocketError.HostNotFound), "host name"),
            (new SocketException((int)SocketError.ConnectionRefused), "nothing listens"),
            (new AuthenticationException("Authentication failed, see inner exception.", new InvalidOperationException("UntrustedRoot")), "UntrustedRoot"),
        ];
        foreach (var (cause, words) in causes)
        {
            HotStoreFault.Describe(cause).Should().Contain(words);
            HotStoreFault.Describe(new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "No.", new AggregateException(new InvalidOperationException("one"), cause), CommandStatus.Unknown))
                .Should().Contain(words);
        }

        HotStoreFault.Describe(new RedisTimeoutException(CommandFlags.None, "Timeout awaiting response (outbound=0KiB, inbound=0KiB)", CommandStatus.Sent)).Should().Be("it does not answer in time");
    }

    [Theory]
    [InlineData("NOPERM this user has no permissions to run the 'info' command", true)]
    [InlineData("ERR unknown command 'INFO', with args beginning with: ", true)]
    [InlineData("LOADING Redis is loading the dataset in memory", false)]
    public void IsForbidden_OnlyWhatIsRefusedWheneverItIsAsked(string answer, bool isForbidden) =>
        HotStoreFault.IsForbidden(new RedisServerException(RedisErrorKind.Unknown, CommandFlags.None, answer)).Should().Be(isForbidden);
}
