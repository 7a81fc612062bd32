using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using MixGateway.Billing;
using MixGateway.Quotas;

namespace MixGateway.IntegrationTests.Quotas;

/// <summary>Whose the contents of a store are, on each kind of store.</summary>
public abstract class HotStoreOwnerTests(HotStoreServer server)
{
    private const string Ours = "0000000000000000000000000000000a";
    private const string Theirs = "0000000000000000000000000000000b";

    private static readonly TimeSpan Lease = new QuotasOptions().Lease;

    [Fact]
    public async Task Shard_WithCallsOfAnotherDatabase_IsNeitherSweptNorWrittenTo()
    {
        var (account, other) = await TwoAsync();
        var ticket = await account.HoldAsync(60);

        other.Pass(3 * Lease);
        (await other.Shards.ClaimAsync(account.Shard)).Should().Match<ClaimAnswer>(claim => claim.IsForeign && claim.Due.Count == 0);
        var neighbour = NeighbourOf(account, other);
        (await other.Accounts.InstallAsync(neighbour.State(1000, 1))).Should().BeFalse();
        (await other.Calls.RestoreAsync(new CallTicket(neighbour.Request(5)), Money.Zero, default)).Should().Be(CallAnswer.Down);
        (await neighbour.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);

        (await other.Shards.ListAsync())!.Should().BeEmpty();
        (await account.Client.Shards.ListAsync())!.Should().ContainSingle().Which.RequestId.Should().Be(ticket.RequestId);
        account.Client.Pass(Lease / 4);
        (await account.Client.Shards.ClaimAsync(account.Shard)).IsForeign.Should().BeFalse();
        (await account.SettleAsync(ticket, 20)).Should().Be(new Money(20));
    }

    [Fact]
    public async Task Shard_WhoseCallsAreOver_IsTakenOver()
    {
        var (account, other) = await TwoAsync();
        var ticket = await account.HoldAsync(60);
        await account.SettleAsync(ticket, 20);
        (await other.Shards.ClaimAsync(account.Shard)).IsForeign.Should().BeTrue("its record may not be booked yet");

        await account.Client.Calls.AckAsync(ticket, new Money(980), 2, new Money(20), atBooking: true);

        (await other.Shards.ClaimAsync(account.Shard)).IsForeign.Should().BeFalse();
        (await other.Accounts.InstallAsync(NeighbourOf(account, other).State(1000, 1))).Should().BeTrue();
        (await account.Client.Accounts.InstallAsync(account.State(1000, 9))).Should().BeFalse();
    }

    [Fact]
    public async Task Shard_OfAVersionThatNamedNobody_IsTakenOverWithItsCalls()
    {
        var client = await server.EmptyAsync();
        var account = new TestAccount(client);
        await account.InstallAsync(1000);
        var ticket = await account.HoldAsync(60);

        client.Runner.DatabaseId = Ours;

        (await client.Shards.ClaimAsync(account.Shard)).Should().Match<ClaimAnswer>(claim => !claim.IsForeign && claim.Calls == 1);
        (await account.SettleAsync(ticket, 20)).Should().Be(new Money(20));
        var other = new HotStoreClient(server.Connection, HotStoreServer.Options) { Runner = { DatabaseId = Theirs } };
        (await other.Shards.ClaimAsync(account.Shard)).IsForeign.Should().BeTrue();
    }

    [Fact]
    public async Task Identify_ContentsOfAnotherDatabase_NamesItAndChangesNothing()
    {
        var client = await server.EmptyAsync();
        const string Gateway = "one";
        (await IdentifyAsync(client, Gateway, "first", Ours)).Should().Be("first");

        (await IdentifyAsync(client, Gateway, "second", Theirs)).Should().Be("foreign|" + Ours);
        (await IdentifyAsync(client, Gateway, "third", Ours)).Should().Be("first");

        await server.Connection.Database.ExecuteAsync("FLUSHALL");
        (await IdentifyAsync(client, Gateway, "fourth", Theirs)).Should().Be("fourth");
        (await IdentifyAsync(client, Gateway, "fifth", Ours)).Should().Be("foreign|" + Theirs);
    }

    [Fact]
    public async Task Identify_ServersThatHideTheirRuns_GetANewNameWhenTheyMayHaveBeenReplaced()
    {
        var client = await server.EmptyAsync();
        const string One = "one";
        const string Two = "two";
        (await IdentifyAsync(client, One, "n1", Ours, left: "", leaves: "x1", isReplaced: true)).Should().Be("n1", "nobody knows what it was when nobody looked");
        (await IdentifyAsync(client, One, "n2", Ours, left: "x1", leaves: "x2")).Should().Be("n1");
        (await IdentifyAsync(client, Two, "n3", Ours, left: "", leaves: "y1", isReplaced: true)).Should().Be("n3");
        (await IdentifyAsync(client, One, "n4", Ours, left: "x2", leaves: "x3")).Should().Be("n3", "all have the same");

        (await IdentifyAsync(client, One, "n5", Ours, left: "x2", leaves: "x4")).Should().Be("n5", "what was left there last is gone, and an older one is there");
        (await IdentifyAsync(client, Two, "n6", Ours, left: "y1", leaves: "y2")).Should().Be("n5");
    }

    [Fact]
    public async Task KeyPrefix_TwoOnOneServer_SeeNothingOfEachOther()
    {
        await server.EmptyAsync();
        var (address, password) = AddressOf(server.Connection);
        await using var one = await HotStoreServer.ConnectAsync(address + password, Prefixed("one:"));
        await using var two = await HotStoreServer.ConnectAsync(address + password, Prefixed("two:"));
        var account = new TestAccount(new HotStoreClient(one, HotStoreServer.Options) { Runner = { DatabaseId = Ours } });
        var other = new HotStoreClient(two, HotStoreServer.Options) { Runner = { DatabaseId = Theirs } };
        await account.InstallAsync(1000);
        await account.HoldAsync(60);

        var twin = new TestAccount(other) { Id = account.Id };
        (await twin.AdmitAsync(1)).Status.Should().Be(AdmissionStatus.Load);
        (await twin.Client.Accounts.InstallAsync(twin.State(7, 1))).Should().BeTrue();
        (await twin.AvailableAsync()).Should().Be(7);
        (await other.Shards.ListAsync())!.Should().BeEmpty();
        (await account.AvailableAsync()).Should().Be(940);
        (await account.Client.Shards.FindAsync(Guid.NewGuid())).Answer.Should().Be(CallAnswer.Missing);
        (await HotStoreProbe.LookAsync(two, new QuotasOptions())).Answers.Should().BeTrue();
        (await new HotStoreCheck(two, other.Runner).RunAsync()).Should().BeNull();
        two.Description.Should().Contain("two:");
    }

    private static IOptions<QuotasOptions> Prefixed(string prefix) => Microsoft.Extensions.Options.Options.Create(new QuotasOptions { KeyPrefix = prefix });

    private static (string Address, string Password) AddressOf(HotStoreConnection connection)
    {
        var endPoint = (IPEndPoint)connection.Multiplexer.GetEndPoints()[0];
        return (string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{endPoint.Port}"), connection.Embedded is { } embedded ? embedded.ConnectionString[embedded.ConnectionString.IndexOf(',', StringComparison.Ordinal)..] : "");
    }

    private static TestAccount NeighbourOf(TestAccount account, HotStoreClient client)
    {
        var id = Guid.NewGuid();
        while (AccountShard.Of(id) != account.Shard)
        {
            id = Guid.NewGuid();
        }

        return new TestAccount(client) { Id = id };
    }

    private static async Task<string> IdentifyAsync(HotStoreClient client, string gateway, string name, string database, string left = "", string leaves = "", bool isReplaced = false) =>
        (await client.Runner.RunAsync(Script.Identify, AccountShard.IdentityKeys(gateway), [default, "", name, database, left, leaves, isReplaced])).Text;

    private async Task<(TestAccount Account, HotStoreClient Other)> TwoAsync()
    {
        var client = await server.EmptyAsync();
        client.Runner.DatabaseId = Ours;
        var account = new TestAccount(client);
        await account.InstallAsync(1000);
        await client.Shards.ClaimAsync(account.Shard);
        return (account, new HotStoreClient(server.Connection, HotStoreServer.Options) { Runner = { DatabaseId = Theirs } });
    }
}

public sealed class HotStoreOwnerOnRedisTests(RedisHotStore server) : HotStoreOwnerTests(server), IClassFixture<RedisHotStore>;

public sealed class HotStoreOwnerOnGarnetTests(GarnetHotStore server) : HotStoreOwnerTests(server), IClassFixture<GarnetHotStore>;
