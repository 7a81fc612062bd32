using System.Diagnostics;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>What the callers of the store see when Redis fails, and what is left afterwards.</summary>
public sealed class RedisFaultTests
{
    [Fact]
    public async Task Kill_DurableRedis_AnswersDownAtOnceAndLosesNothing()
    {
        await using var redis = await RedisServer.StartAsync(RedisServer.Durable);
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var account = await AccountAsync(connection);
        var running = await account.HoldAsync(60);
        await account.SettleAsync(await account.HoldAsync(20), 15);

        await redis.KillAsync();
        var watch = Stopwatch.StartNew();
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Down);
        (await account.Client.Calls.SettleAsync(running, Money.Zero, 0, default)).Answer.Should().Be(CallAnswer.Down);
        (await HotStoreProbe.LookAsync(connection, new QuotasOptions())).Answers.Should().BeFalse();
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(6));

        await redis.StartAsync();
        await UpAsync(account);
        (await account.Client.Calls.ExtendAsync(running, Money.Zero, default)).Should().Be(CallAnswer.Ok);
        (await account.ViewAsync()).Should().BeEquivalentTo(new { Held = new Money(60), Pending = new Money(15), Available = new Money(925) });
    }

    [Fact]
    public async Task FlushAll_EveryStep_SaysWhatIsMissing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var account = await AccountAsync(connection);
        var running = await account.HoldAsync(60);
        await connection.Database.ExecuteAsync("FLUSHALL");

        (await account.Client.Calls.ExtendAsync(running, Money.Zero, default)).Should().Be(CallAnswer.Missing);
        (await account.Client.Calls.SettleAsync(running, Money.Zero, 0, default)).Answer.Should().Be(CallAnswer.Missing);
        (await account.Client.Calls.AckAsync(running, new Money(990), 2, Money.Zero)).Should().Be(CallAnswer.Ok);
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
        (await account.Client.Calls.RestoreAsync(running, Money.Zero, default)).Should().Be(CallAnswer.Load);
        await account.InstallAsync(1000);
        (await account.Client.Calls.RestoreAsync(running, Money.Zero, default)).Should().Be(CallAnswer.Ok);
        (await account.AvailableAsync()).Should().Be(930, "the booking is news to what the account is brought in with");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(333)]
    [InlineData(2000)]
    public async Task AppendOnlyFile_CutAtItsEnd_LeavesWholeScripts(int bytes)
    {
        await using var redis = await RedisServer.StartAsync(RedisServer.Durable);
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var account = await AccountAsync(connection);
        for (var i = 0; i < 10; i++)
        {
            var ticket = await account.HoldAsync(20);
            await account.SettleAsync(ticket, i);
            await account.HoldAsync(5);
        }

        await redis.KillAsync();
        redis.CutAppendOnlyFile(bytes);
        await redis.StartAsync();
        await UpAsync(account);
        var found = await account.SnapshotAsync();
        (found.Held, found.Pending, found.Running).Should().Be((found.CallsHeld, found.CallsPending, found.CallsRunning));
        found.Calls.Should().BeInRange(5, 20);
    }

    [Fact]
    public async Task Admit_AnswerTooLate_IsTakenBack()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString, timeout: TimeSpan.FromSeconds(1));
        var account = await AccountAsync(connection);
        await account.Client.Calls.ReleaseAsync(await account.HoldAsync(1));
        await redis.PauseAsync();
        (await account.AdmitAsync(60)).Status.Should().Be(AdmissionStatus.Down);
        await redis.ResumeAsync();
        await UpAsync(account);
        (await account.AvailableAsync()).Should().Be(940, "the admission ran after its caller had given up");
        await account.Client.Calls.ReleaseInDoubtAsync();
        (await account.AvailableAsync()).Should().Be(1000);
    }

    [Fact]
    public async Task Admit_RedisOutOfMemory_IsDown()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var account = await AccountAsync(connection);
        var ticket = await account.HoldAsync(1);
        await connection.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", "100kb");
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Down);
        (await account.Client.Calls.SettleAsync(ticket, Money.Zero, 0, default)).Answer.Should().Be(CallAnswer.Down);
        var status = new HotStoreStatus(HotStoreServer.Options);
        status.See(await HotStoreProbe.LookAsync(connection, new QuotasOptions()));
        status.Closure.Should().Be(HotStoreClosure.Memory);
    }

    [Fact]
    public async Task Admit_RedisTurnedReplica_IsDown()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var account = await AccountAsync(connection);
        await connection.Database.ExecuteAsync("REPLICAOF", "127.0.0.1", "1");
        (await account.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Down);
    }

    [Fact]
    public async Task Password_RightAndWrong_AnswersAndDown()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "s3cret");
        await using (var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString + ",password=s3cret"))
        {
            (await new TestAccount(new HotStoreClient(connection, HotStoreServer.Options)).AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
        }

        await using var wrong = await HotStoreServer.ConnectAsync(redis.ConnectionString + ",password=wrong");
        (await new TestAccount(new HotStoreClient(wrong, HotStoreServer.Options)).AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Down);
    }

    [Theory]
    [InlineData("yes", "always", "noeviction", "Durable")]
    [InlineData("yes", "everysec", "noeviction", "Volatile")]
    [InlineData("no", "always", "noeviction", "Volatile")]
    [InlineData("yes", "always", "allkeys-lru", "Volatile")]
    public async Task Probe_Settings_DecideDurability(string appendOnly, string fsync, string policy, string expected)
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", appendOnly, "--appendfsync", fsync, "--maxmemory-policy", policy);
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var probe = await HotStoreProbe.LookAsync(connection, new QuotasOptions());
        (probe.Answers, probe.Kind.ToString()).Should().Be((true, expected), probe.Why);
    }

    [Fact]
    public async Task Probe_ConfigurationForbidden_IsVolatileUnlessTheOperatorSaysOtherwise()
    {
        await using var redis = await RedisServer.StartAsync([.. RedisServer.Durable, "--user", "default", "on", "nopass", "~*", "&*", "+@all", "-config"]);
        await using var connection = await HotStoreServer.ConnectAsync(redis.ConnectionString);
        var probe = await HotStoreProbe.LookAsync(connection, new QuotasOptions());
        probe.Kind.Should().Be(HotStoreKind.Volatile);
        probe.Why.Should().Contain("Quotas:HotStore");
        (await HotStoreProbe.LookAsync(connection, new QuotasOptions { HotStore = HotStoreKind.Durable })).Kind.Should().Be(HotStoreKind.Durable);
    }

    private static async Task<TestAccount> AccountAsync(HotStoreConnection connection)
    {
        var account = new TestAccount(new HotStoreClient(connection, HotStoreServer.Options));
        await account.InstallAsync(1000);
        return account;
    }

    private static Task UpAsync(TestAccount account) => Eventually.TrueAsync(
        async () => (await account.Client.Accounts.InspectAsync(account.Id)).Answer is not CallAnswer.Down, "the store is up again");
}
