using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Payments;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Who may do what: every use case that people reach, by every role, on their own account and on another.</summary>
public abstract class AccessTests(SharedGateway shared)
{
    private static readonly UsageFilter Everything = new(new UsagePeriod(DateTime.UtcNow.AddDays(-1), DateTime.UtcNow.AddDays(1)), null, null);
    private static readonly PageRequest FirstPage = new(10, null);

    /// <summary>Each use case with the least role that it takes.</summary>
    private static readonly Dictionary<string, (AccountRole AtLeast, Func<Scene, Task<Refusal?>> Run)> UseCases = new()
    {
        ["keys.list"] = (AccountRole.Viewer, static scene => scene.Of<AccountKeys>().ListAsync(scene.Actor, scene.AccountId, FirstPage, default).RefusalAsync()),
        ["keys.get"] = (AccountRole.Viewer, static scene => scene.Of<AccountKeys>().GetAsync(scene.Actor, scene.AccountId, scene.KeyId, default).RefusalAsync()),
        ["keys.create"] = (AccountRole.Member, static scene => scene.Of<AccountKeys>().CreateAsync(scene.Actor, scene.AccountId, new KeyPolicy("new")).RefusalAsync()),
        ["keys.change"] = (AccountRole.Member, static scene => scene.Of<AccountKeys>().ChangeAsync(scene.Actor, scene.AccountId, scene.KeyId, new KeyPolicy("changed")).RefusalAsync()),
        ["keys.rotate"] = (AccountRole.Member, static scene => scene.Of<AccountKeys>().RotateAsync(scene.Actor, scene.AccountId, scene.KeyId, TimeSpan.FromHours(1)).RefusalAsync()),
        ["keys.revoke"] = (AccountRole.Member, static scene => scene.Of<AccountKeys>().RevokeAsync(scene.Actor, scene.AccountId, scene.KeyId).RefusalAsync()),
        ["usage.overview"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().OverviewAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["usage.list"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().ListAsync(scene.Actor, scene.AccountId, Everything, FirstPage, default).RefusalAsync()),
        ["usage.days"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().DaysAsync(scene.Actor, scene.AccountId, Everything, default).RefusalAsync()),
        ["usage.shares"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().SharesAsync(scene.Actor, scene.AccountId, Everything, UsageShareGroup.Key, default).RefusalAsync()),
        ["usage.ofKeys"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().OfKeysAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["usage.spentOf"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().SpentOfAsync(scene.Actor, scene.AccountId, scene.KeyId, new SpendLimit(new Money(5), SpendLimitPeriod.Month), default).RefusalAsync()),
        ["usage.models"] = (AccountRole.Viewer, static scene => scene.Of<AccountUsage>().ModelsAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["members.list"] = (AccountRole.Viewer, static scene => scene.Of<AccountMembers>().ListAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["members.invite"] = (AccountRole.Owner, static scene => scene.Of<AccountMembers>().InviteAsync(scene.Actor, scene.AccountId, "new@example.com", AccountRole.Viewer, "en").RefusalAsync()),
        ["members.change"] = (AccountRole.Owner, static scene => scene.Of<AccountMembers>().ChangeRoleAsync(scene.Actor, scene.AccountId, scene.OtherMember, AccountRole.Member).RefusalAsync()),
        ["members.remove"] = (AccountRole.Owner, static scene => scene.Of<AccountMembers>().RemoveAsync(scene.Actor, scene.AccountId, scene.OtherMember).RefusalAsync()),
        ["money.get"] = (AccountRole.Viewer, static scene => scene.Of<AccountMoney>().GetAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["money.ledger"] = (AccountRole.Viewer, static scene => scene.Of<AccountMoney>().ListLedgerAsync(scene.Actor, scene.AccountId, null, FirstPage, default).RefusalAsync()),
        ["money.payments"] = (AccountRole.Viewer, static scene => scene.Of<AccountMoney>().ListPaymentsAsync(scene.Actor, scene.AccountId, FirstPage, default).RefusalAsync()),
        ["money.alert"] = (AccountRole.Viewer, static scene => scene.Of<AccountMoney>().GetAlertAsync(scene.Actor, scene.AccountId, default).RefusalAsync()),
        ["money.redeem"] = (AccountRole.Member, RedeemAsync),
        ["money.setAlert"] = (AccountRole.Owner, static scene => scene.Of<AccountMoney>().SetAlertAsync(scene.Actor, scene.AccountId, new Money(Money.NanosPerUnit)).RefusalAsync()),
        ["money.topUp"] = (AccountRole.Owner, TopUpAsync),
    };

    public static TheoryData<string> Names => [.. UseCases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UseCase_ByEachRole_IsDoneOrRefused(string name)
    {
        var (atLeast, run) = UseCases[name];
        foreach (var role in Enum.GetValues<AccountRole>())
        {
            var refusal = await run(await Scene.SetAsync(shared.Gateway, role));

            refusal?.Reason.Should().Be(RefusalReason.Forbidden, "{0} by a {1}", name, role);
            (refusal is null).Should().Be(role >= atLeast, "{0} by a {1}: {2}", name, role, refusal?.Detail);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UseCase_OnAnAccountOfOthers_FindsNothing(string name)
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var others = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);

        var refusal = await UseCases[name].Run(others with { Actor = scene.Actor });

        refusal?.Reason.Should().Be(RefusalReason.NotFound);
        refusal.Should().NotBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UseCase_ByAnAdministrator_IsDoneOnEveryAccount(string name)
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var administrator = await Scene.AddUserAsync(shared.Gateway, isAdministrator: true);

        (await UseCases[name].Run(scene with { Actor = Actor.User(administrator) })).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UseCase_ByAUserWhoIsSuspended_FindsNothing(string name)
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        await using (var database = await Scene.OpenAsync(shared.Gateway))
        {
            await database.Users.Where(user => user.Id == scene.Actor.UserId).ExecuteUpdateAsync(user => user.SetProperty(row => row.SuspendedAt, DateTime.UtcNow));
        }

        (await UseCases[name].Run(scene))?.Reason.Should().Be(RefusalReason.NotFound);
    }

    [Fact]
    public async Task Key_OfAnotherAccount_IsNotReachedThroughOnesOwn()
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var others = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);

        foreach (var name in new[] { "keys.get", "keys.change", "keys.rotate", "keys.revoke" })
        {
            (await UseCases[name].Run(scene with { KeyId = others.KeyId }))?.Reason.Should().Be(RefusalReason.NotFound, name);
        }
    }

    [Fact]
    public async Task Payment_OfAnotherAccount_IsNotReachedThroughOnesOwn()
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var others = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var amount = new Money(5 * Money.NanosPerUnit);
        var payment = (await scene.Of<PaymentBooks>().CreateAsync(Actor.Gateway, others.AccountId, new NewPayment(null, PaymentProvider.Stripe, amount, amount, "USD"))).Value!;

        (await scene.Of<AccountMoney>().GetPaymentAsync(scene.Actor, scene.AccountId, payment.Id, default).RefusalAsync())!.Reason.Should().Be(RefusalReason.NotFound);
        (await scene.Of<AccountMoney>().GetPaymentAsync(scene.Actor, others.AccountId, payment.Id, default).RefusalAsync())!.Reason.Should().Be(RefusalReason.NotFound);
        (await scene.Of<AccountMoney>().GetPaymentAsync(others.Actor, others.AccountId, payment.Id, default)).Value.Should().NotBeNull();
    }

    [Fact]
    public async Task RedemptionCodes_ForWhoIsNoAdministrator_AreForbidden()
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var codes = scene.Of<AdministratorCodes>();
        var asked = new NewRedemptionCodes(new Money(Money.NanosPerUnit), 1, "access", null, null);

        Refusal?[] refusals =
        [
            await codes.CreateAsync(scene.Actor, asked).RefusalAsync(),
            await codes.ListAsync(scene.Actor, new RedemptionCodeFilter(null, null, null), FirstPage, default).RefusalAsync(),
            await codes.RevokeAsync(scene.Actor, Guid.NewGuid()).RefusalAsync(),
            await codes.RevokeBatchAsync(scene.Actor, "access").RefusalAsync(),
        ];

        refusals.Should().OnlyContain(refusal => refusal!.Reason == RefusalReason.Forbidden);
        (await codes.CreateAsync(Actor.User(await Scene.AddUserAsync(shared.Gateway, isAdministrator: true)), asked).RefusalAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Owner_WhoIsTheLast_CannotLeave()
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var members = scene.Of<AccountMembers>();

        var refusal = await members.RemoveAsync(scene.Actor, scene.AccountId, scene.Actor.UserId!.Value).RefusalAsync();

        refusal!.Reason.Should().Be(RefusalReason.Conflict);
    }

    [Fact]
    public async Task Invitation_ThatManyTryAtOnce_TakesOne()
    {
        var scene = await Scene.SetAsync(shared.Gateway, AccountRole.Owner);
        var sent = (await scene.Of<AccountMembers>().InviteAsync(scene.Actor, scene.AccountId, "new@example.com", AccountRole.Viewer, "en")).Value!;
        var users = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Scene.AddUserAsync(shared.Gateway)));

        var accepted = await Task.WhenAll(users.Select(user => scene.Of<Invitations>().AcceptAsync(user, sent.Secret)));

        accepted.Count(static won => won).Should().Be(1);
        (await scene.Of<AccountMembers>().ListAsync(scene.Actor, scene.AccountId, default)).Value!.Members.Should().HaveCount(3);
    }

    private static async Task<Refusal?> RedeemAsync(Scene scene)
    {
        var made = await scene.Of<RedemptionCodes>().CreateAsync(Actor.Gateway, new NewRedemptionCodes(new Money(Money.NanosPerUnit), 1, null, null, null));
        return await scene.Of<AccountMoney>().RedeemAsync(scene.Actor, scene.AccountId, made.Value!.Codes[0].Text).RefusalAsync();
    }

    /// <summary>No provider is set up here: who may top up is told that, and who may not is told so.</summary>
    private static async Task<Refusal?> TopUpAsync(Scene scene)
    {
        var refusal = await scene.Of<AccountTopUps>().StartAsync(scene.Actor, scene.AccountId, new CheckoutRequest(null, PaymentProvider.Stripe, null), default).RefusalAsync();
        return refusal!.Reason == RefusalReason.Invalid ? null : refusal;
    }

    /// <summary>A user with a role in an account that has a key and another member.</summary>
    internal sealed record Scene(TestGateway Gateway, Actor Actor, Guid AccountId, Guid KeyId, Guid OtherMember)
    {
        public static async Task<Scene> SetAsync(TestGateway gateway, AccountRole role)
        {
            var account = await gateway.CreateAccountAsync(credit: "0");
            var (user, other) = (await AddUserAsync(gateway), await AddUserAsync(gateway));
            await using var database = await OpenAsync(gateway);
            database.Memberships.AddRange(
                new MembershipRow { UserId = user, AccountId = account.Id, Role = role, CreatedAt = DateTime.UtcNow },
                new MembershipRow { UserId = other, AccountId = account.Id, Role = AccountRole.Viewer, CreatedAt = DateTime.UtcNow });
            await database.SaveChangesAsync();
            return new Scene(gateway, Actor.User(user), account.Id, account.KeyId, other);
        }

        public static async Task<Guid> AddUserAsync(TestGateway gateway, bool isAdministrator = false)
        {
            var id = Guid.CreateVersion7();
            await using var database = await OpenAsync(gateway);
            database.Users.Add(new UserRow { Id = id, Email = $"{id}@example.com", UserName = $"{id}", NormalizedEmail = $"{id}", NormalizedUserName = $"{id}", IsAdministrator = isAdministrator, CreatedAt = DateTime.UtcNow });
            await database.SaveChangesAsync();
            return id;
        }

        public static Task<GatewayDbContext> OpenAsync(TestGateway gateway) => gateway.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();

        public T Of<T>()
            where T : class => Gateway.Services.GetRequiredService<T>();
    }
}

public sealed class AccessOnSqliteTests(SharedGateway shared) : AccessTests(shared), IClassFixture<SharedGateway>;

public sealed class AccessOnPostgresTests(PostgresGateway shared) : AccessTests(shared), IClassFixture<PostgresGateway>;

/// <summary>Only whether it was refused counts here.</summary>
internal static class OutcomeRefusal
{
    public static async Task<Refusal?> RefusalAsync<T>(this Task<Outcome<T>> outcome)
        where T : class => (await outcome).Refusal;
}
