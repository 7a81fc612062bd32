using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>What people may have who registered on their own.</summary>
public sealed class SelfServiceBoundTests(SelfServiceBoundTests.Fixture shared) : IClassFixture<SelfServiceBoundTests.Fixture>
{
    private const int MaxKeys = 3;
    private const int MaxInvitations = 6;

    [Fact]
    public async Task Account_OfSomebodyWhoRegisters_HasTheConfiguredLimits()
    {
        var (_, accountId) = await RegisterAsync(isAdministrator: false);

        await using var database = Open();
        var account = await database.Accounts.SingleAsync(row => row.Id == accountId);
        (account.RequestsPerMinute, account.TokensPerMinute, account.MaxConcurrent).Should().Be((7, 5000, 30));
    }

    [Fact]
    public async Task Account_OfAnAdministrator_HasNone()
    {
        var (_, accountId) = await RegisterAsync(isAdministrator: true);

        await using var database = Open();
        var account = await database.Accounts.SingleAsync(row => row.Id == accountId);
        (account.RequestsPerMinute, account.TokensPerMinute, account.MaxConcurrent).Should().Be((null, null, null));
    }

    [Fact]
    public async Task Account_OfTheManagementApi_HasNone()
    {
        var account = await shared.Gateway.CreateAccountAsync();

        (await account.ReadAsync()).GetProperty("requestsPerMinute").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task Keys_BeyondTheBound_AreRefusedUntilOneIsRevoked()
    {
        var (actor, accountId) = await RegisterAsync(isAdministrator: false);
        var keys = Get<AccountKeys>();
        var first = (await keys.CreateAsync(actor, accountId, new KeyPolicy("0"))).Value!;
        for (var i = 1; i < MaxKeys; i++)
        {
            (await keys.CreateAsync(actor, accountId, new KeyPolicy($"{i}"))).Refusal.Should().BeNull();
        }

        var refusal = (await keys.CreateAsync(actor, accountId, new KeyPolicy("one too many"))).Refusal!;

        (refusal.Reason, refusal.Detail).Should().Be((RefusalReason.Conflict, $"The account has {MaxKeys} active keys, which is the most it may have. Revoke one that is not used."));
        var rotated = (await keys.RotateAsync(actor, accountId, first.Id, TimeSpan.Zero)).Value!;
        (await keys.CreateAsync(actor, accountId, new KeyPolicy("still too many"))).Refusal!.Reason.Should().Be(RefusalReason.Conflict);
        await keys.RevokeAsync(actor, accountId, rotated.Id);
        (await keys.CreateAsync(actor, accountId, new KeyPolicy("in its place"))).Refusal.Should().BeNull();
    }

    [Fact]
    public async Task Keys_CreatedAndRevokedInTurn_AreBoundedPerDay()
    {
        var (actor, accountId) = await RegisterAsync(isAdministrator: false);
        var keys = Get<AccountKeys>();
        Refusal? refusal = null;
        var created = 0;
        while (refusal is null && created < 1000)
        {
            var outcome = await keys.CreateAsync(actor, accountId, new KeyPolicy("short-lived"));
            refusal = outcome.Refusal;
            if (outcome.Value is { } key)
            {
                created++;
                await keys.RevokeAsync(actor, accountId, key.Id);
            }
        }

        (created, refusal!.Reason).Should().Be((MaxKeys * 10, RefusalReason.TooMany));
        refusal.RetryAfter.Should().BePositive();
    }

    [Fact]
    public async Task Invitations_AtOnceOrWithdrawnInTurn_AreBoundedPerAccountAndDay()
    {
        var (actor, accountId) = await RegisterAsync(isAdministrator: false);
        var members = Get<AccountMembers>();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => members.InviteAsync(actor, accountId, $"{Guid.NewGuid():N}@example.com", AccountRole.Viewer, "en"))));

        outcomes.Count(static outcome => outcome.Refusal is null).Should().Be(MaxInvitations);
        foreach (var invitation in (await members.ListAsync(actor, accountId, CancellationToken.None)).Value!.Invitations)
        {
            await members.WithdrawAsync(actor, accountId, invitation.Id);
        }

        var refusal = (await members.InviteAsync(actor, accountId, "one-more@example.com", AccountRole.Viewer, "en")).Refusal!;
        (refusal.Reason, refusal.RetryAfter > TimeSpan.FromHours(23)).Should().Be((RefusalReason.TooMany, true), "what was withdrawn was sent");
        (await members.InviteAsync(actor, accountId, "no address", AccountRole.Viewer, "en")).Refusal!.Reason.Should().Be(RefusalReason.Invalid);
    }

    [Fact]
    public async Task Invitations_OfManyAccountsToOneAddress_AreBoundedPerHour()
    {
        var guest = $"{Guid.NewGuid():N}@example.com";
        List<RefusalReason?> reasons = [];
        for (var i = 0; i < 7; i++)
        {
            var (actor, accountId) = await RegisterAsync(isAdministrator: false);
            reasons.Add((await Get<AccountMembers>().InviteAsync(actor, accountId, i % 2 == 0 ? guest : $" {guest.ToUpperInvariant()}", AccountRole.Viewer, "en")).Refusal?.Reason);
        }

        reasons.Should().Equal(null, null, null, null, null, RefusalReason.TooMany, RefusalReason.TooMany);
    }

    [Fact]
    public async Task Keys_OfTheManagementApi_AreNotBounded()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        for (var i = 0; i < MaxKeys + 2; i++)
        {
            await shared.Gateway.PostAsync($"/api/v1/accounts/{account.Id}/keys", new { name = $"{i}" });
        }
    }

    private static T Get<T>(IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();

    private T Get<T>()
        where T : notnull => Get<T>(shared.Gateway.Services);

    private GatewayDbContext Open() => Get<IDbContextFactory<GatewayDbContext>>().CreateDbContext();

    private async Task<(Actor Actor, Guid AccountId)> RegisterAsync(bool isAdministrator)
    {
        await using var scope = shared.Gateway.Services.CreateAsyncScope();
        var (user, _) = await Get<Registration>(scope.ServiceProvider).CreateAsync($"{Guid.NewGuid():N}@example.com", "correct horse battery", language: null, isAdministrator);
        await Get<OwnAccounts>(scope.ServiceProvider).EnsureAsync(user!.Id);
        await using var database = Open();
        return (Actor.User(user.Id), await database.Memberships.Where(membership => membership.UserId == user.Id).Select(static membership => membership.AccountId).SingleAsync());
    }

    public sealed class Fixture() : SharedGateway(static _ =>
        [$"Console:KeysPerAccount={MaxKeys}", $"Console:InvitationsPerDay={MaxInvitations}", "Console:NewAccounts:RequestsPerMinute=7", "Console:NewAccounts:TokensPerMinute=5000"]);
}
