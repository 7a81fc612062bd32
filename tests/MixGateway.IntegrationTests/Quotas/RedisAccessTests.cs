using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What a Redis permits, and why one cannot be used: found out at the start, and said.</summary>
public sealed partial class RedisAccessTests(RedisHotStore server) : IClassFixture<RedisHotStore>
{
    private const string Password = "p4ssw0rd-of-a-test";

    private int Port => ((System.Net.IPEndPoint)server.Connection.Multiplexer.GetEndPoints()[0]).Port;

    [Theory]
    [InlineData("~mg:* +@all -time", "TIME")]
    [InlineData("~mg:* +@all -evalsha", "evalsha")]
    [InlineData("~mg:* +@all -zrangebyscore", "ZRANGEBYSCORE")]
    [InlineData("~mg:* +@all -hgetall", "HGETALL")]
    [InlineData("~mg:* +@all -hset", "HSET")]
    [InlineData("~other:* +@all", "too few rights")]
    public async Task Check_RightThatCallsNeed_IsNamedWhereItIsMissing(string rights, string named)
    {
        await using var connection = await ConnectAsync(rights);

        (await CheckAsync(connection)).Should().ContainEquivalentOf(named).And.Contain("docs/operations.md").And.NotContain(Password);
    }

    /// <summary>The line in docs/operations.md, word for word.</summary>
    [Theory]
    [InlineData("", false)]
    [InlineData(" -info", true)]
    public async Task Check_UserOfTheManual_MayDoAllThatCallsNeed(string without, bool hidesRuns)
    {
        var rights = ManualUser().Match(RepositoryFiles.Read("docs/operations.md")).Groups[1].Value;
        rights.Should().NotBeEmpty();
        await using var connection = await ConnectAsync(rights.Replace("'", "", StringComparison.Ordinal) + without);

        (await CheckAsync(connection)).Should().BeNull();
        var probe = await HotStoreProbe.LookAsync(connection, new QuotasOptions());

        (probe.Answers, probe.HidesRuns).Should().Be((true, hidesRuns));
        probe.Why.Should().NotContain("CONFIG", "the user may ask for the settings");
        probe.NotPermitted.Should().Match(text => text.Contains("INFO", StringComparison.Ordinal) == hidesRuns);
        var account = new TestAccount(new HotStoreClient(connection, HotStoreServer.Options));
        await account.InstallAsync(100);
        var ticket = await account.HoldAsync(10);
        (await account.Client.Calls.ExtendAsync(ticket, new(1), default)).Should().Be(CallAnswer.Ok);
        await account.SettleAsync(ticket, 5);
        (await account.Client.Calls.AckAsync(ticket, new(95), 2, new(5), atBooking: true)).Should().Be(CallAnswer.Ok);
        (await account.Client.Shards.ClaimAsync(account.Shard)).IsBroken.Should().BeFalse();
        (await account.Client.Accounts.EvictAsync(account.Id, TimeSpan.Zero)).Should().NotBe((-1L, -1L));
        (await account.Client.Accounts.RepairAsync(account.Id)).Should().NotBe(CallAnswer.Broken);
    }

    [Theory]
    [InlineData("EVALSHA")]
    [InlineData("TIME")]
    public async Task Check_CommandThatWasRenamed_IsNamed(string command)
    {
        await using var redis = await RedisServer.StartAsync("--rename-command", command, "");
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);

        (await CheckAsync(connection)).Should().ContainEquivalentOf(command);
    }

    [Fact]
    public async Task Diagnose_WhateverIsWrong_SaysItInWords()
    {
        await using var secret = await RedisServer.StartAsync("--requirepass", Password);
        await using var copy = await RedisServer.StartAsync("--replicaof", "127.0.0.1", Port.ToString(CultureInfo.InvariantCulture));
        (string Connection, string Words)[] cases =
        [
            ($"{secret.ConnectionString},password=wrong-{Password}", "WRONGPASS"),
            (secret.ConnectionString, "asks for a password"),
            ($"redis://:{Password}@{secret.ConnectionString}", ""),
            ($"127.0.0.1:{FreePort.Find().ToString(CultureInfo.InvariantCulture)}", "nothing listens"),
            ("no-such-host.invalid:6379", "host name"),
            ($"rediss://{secret.ConnectionString}", "does not speak TLS"),
            (copy.ConnectionString, "read-only copies"),
        ];
        foreach (var (text, words) in cases)
        {
            await using var connection = await HotStoreServer.ConnectAsync(text);

            var why = await connection.DiagnoseAsync();

            if (words.Length == 0)
            {
                why.Should().BeNull("{0} can be used", text);
            }
            else
            {
                why.Should().Contain(words).And.NotContain(Password);
            }
        }
    }

    [Fact]
    public async Task Gateway_WhoseRedisRefusesIt_SaysWhyAndIsReadyOnceThatHasChanged()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", Password);
        await using var gateway = await TestGateway.StartAsync($"ConnectionStrings:Redis=redis://:x{Password}@{redis.ConnectionString}");
        (await ReadyAsync(gateway)).Should().Match<(int Status, string Text)>(ready => ready.Status == 503 && ready.Text.Contains("WRONGPASS", StringComparison.Ordinal) && !ready.Text.Contains(Password, StringComparison.Ordinal));

        await using var admin = await HotStoreServer.ConnectAsync(redis.ConnectionString + ",password=" + Password);
        await admin.Database.ExecuteAsync("CONFIG", "SET", "requirepass", "x" + Password);
        await Eventually.TrueAsync(async () => (await ReadyAsync(gateway)).Status == 200, "the gateway is ready");

        await admin.Database.ExecuteAsync("ACL", "SETUSER", "default", "-time");
        await Eventually.TrueAsync(async () => await ReadyAsync(gateway) is (503, var text) && text.Contains("TIME", StringComparison.Ordinal), "readiness tells what a call would meet");
        await admin.Database.ExecuteAsync("ACL", "SETUSER", "default", "+time");
        await Eventually.TrueAsync(async () => (await ReadyAsync(gateway)).Status == 200, "the gateway is ready again");
    }

    private static async Task<(int Status, string Text)> ReadyAsync(TestGateway gateway)
    {
        using var response = await gateway.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static Task<string?> CheckAsync(HotStoreConnection connection) =>
        new HotStoreCheck(connection, new ScriptRunner(() => connection.Database, NullLogger<ScriptRunner>.Instance)).RunAsync();

    private async Task<HotStoreConnection> ConnectAsync(string rights)
    {
        var user = $"u{Guid.NewGuid():N}";
        await server.Connection.Database.ExecuteAsync("ACL", ["SETUSER", user, "on", ">" + Password, "resetchannels", .. rights.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        return await HotStoreServer.ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},user={user},password={Password}"));
    }

    [GeneratedRegex(@"ACL SETUSER mixgateway on '>password' resetchannels (.+)\n")]
    private static partial Regex ManualUser();
}
