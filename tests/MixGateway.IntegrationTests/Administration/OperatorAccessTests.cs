using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.Operators;
using MixGateway.Administration.Users;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>Every use case of administrators, with everybody who might try it.</summary>
public abstract class OperatorAccessTests(SharedGateway shared)
{
    private const string Password = "correct horse battery";
    private static readonly PageRequest Page = new(10, null);
    private static readonly UsagePeriod Always = new(null, null);

    private static readonly Dictionary<string, Func<IServiceProvider, Actor, Guid, Task<Refusal?>>> UseCases = new()
    {
        ["OperatorAccounts.ListAsync"] = async (services, actor, _) => (await Get<OperatorAccounts>(services).ListAsync(actor, new AccountFilter(null, null), Page, default)).Refusal,
        ["OperatorAccounts.GetAsync"] = async (services, actor, own) => (await Get<OperatorAccounts>(services).GetAsync(actor, own, default)).Refusal,
        ["OperatorAccounts.CreateAsync"] = async (services, actor, _) => (await Get<OperatorAccounts>(services).CreateAsync(actor, "New")).Refusal,
        ["OperatorAccounts.SetStatusAsync"] = async (services, actor, own) => (await Get<OperatorAccounts>(services).SetStatusAsync(actor, own, AccountStatus.Active)).Refusal,
        ["OperatorAccounts.ChangeAsync"] = async (services, actor, own) => (await Get<OperatorAccounts>(services).ChangeAsync(actor, own, "Renamed", default)).Refusal,
        ["OperatorAccounts.CreditAsync"] = async (services, actor, own) =>
            (await Get<OperatorAccounts>(services).CreditAsync(actor, own, new Credit(new Money(Money.NanosPerUnit), "test", null, Force: false))).Refusal,
        ["OperatorAccounts.RevokeKeyAsync"] = async (services, actor, _) => (await Get<OperatorAccounts>(services).RevokeKeyAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorAudit.ListAsync"] = async (services, actor, _) => (await Get<OperatorAudit>(services).ListAsync(actor, new AuditFilter(null, null, null, null, Always), Page, default)).Refusal,
        ["OperatorCalls.ListAsync"] = async (services, actor, own) => (await Get<OperatorCalls>(services).ListAsync(actor, own, Page, default)).Refusal,
        ["OperatorCalls.StopAsync"] = async (services, actor, _) => (await Get<OperatorCalls>(services).StopAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorProviders.ShowCatalogAsync"] = async (services, actor, _) => (await Get<OperatorProviders>(services).ShowCatalogAsync(actor)).Refusal,
        ["OperatorProviders.ListModelsAsync"] = async (services, actor, _) => (await Get<OperatorProviders>(services).ListModelsAsync(actor, null, Page)).Refusal,
        ["OperatorInvitations.ListAsync"] = async (services, actor, _) => (await Get<OperatorInvitations>(services).ListAsync(actor, default)).Refusal,
        ["OperatorInvitations.CreateAsync"] = async (services, actor, _) => (await Get<OperatorInvitations>(services).CreateAsync(actor, null, 7, "en")).Refusal,
        ["OperatorInvitations.WithdrawAsync"] = async (services, actor, _) => (await Get<OperatorInvitations>(services).WithdrawAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorMargin.ShowAsync"] = async (services, actor, _) => (await Get<OperatorMargin>(services).ShowAsync(actor, MarginGroup.Account, Always, default)).Refusal,
        ["OperatorOverview.ShowAsync"] = async (services, actor, _) => (await Get<OperatorOverview>(services).ShowAsync(actor, default)).Refusal,
        ["OperatorProviders.ListAsync"] = async (services, actor, _) => (await Get<OperatorProviders>(services).ListAsync(actor, Page)).Refusal,
        ["OperatorProviders.TestAsync"] = async (services, actor, _) => (await Get<OperatorProviders>(services).TestAsync(actor, "nobody:nothing", default)).Refusal,
        ["OperatorReconciliation.RunAsync"] = async (services, actor, _) => (await Get<OperatorReconciliation>(services).RunAsync(actor, false, default)).Refusal,
        ["OperatorTokens.ListAsync"] = async (services, actor, _) => (await Get<OperatorTokens>(services).ListAsync(actor, Page, default)).Refusal,
        ["OperatorTokens.CreateAsync"] = async (services, actor, _) =>
            (await Get<OperatorTokens>(services).CreateAsync(actor, new AdminTokenChanges(Guid.NewGuid().ToString(), new[] { Scopes.Keys }))).Refusal,
        ["OperatorTokens.RevokeAsync"] = async (services, actor, _) => (await Get<OperatorTokens>(services).RevokeAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsage.SumAsync"] = async (services, actor, _) => (await Get<OperatorUsage>(services).SumAsync(actor, OperatorUsageGroup.Account, Always, new UsageSumFilter(), default)).Refusal,
        ["OperatorUsage.ShowAsync"] = async (services, actor, _) => (await Get<OperatorUsage>(services).ShowAsync(actor, Guid.NewGuid(), default)).Refusal,
        ["OperatorUsers.ListAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).ListAsync(actor, null, Page, default)).Refusal,
        ["OperatorUsers.GetAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).GetAsync(actor, actor.UserId ?? Guid.Empty, default)).Refusal,
        ["OperatorUsers.SignOutAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).SignOutAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsers.CreateResetLinkAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).CreateResetLinkAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsers.TurnOffTwoFactorAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).TurnOffTwoFactorAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsers.RemovePasskeysAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).RemovePasskeysAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsers.UnlockAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).UnlockAsync(actor, Guid.NewGuid())).Refusal,
        ["OperatorUsers.SetAdministratorAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).SetAdministratorAsync(actor, Guid.NewGuid(), true)).Refusal,
        ["OperatorUsers.SetSuspendedAsync"] = async (services, actor, _) => (await Get<OperatorUsers>(services).SetSuspendedAsync(actor, Guid.NewGuid(), true)).Refusal,
    };

    public static TheoryData<string> Names => [.. UseCases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UseCase_OfAdministrators_IsForbiddenToEverybodyElse(string name)
    {
        var services = shared.Gateway.Services;
        var (owner, own) = await CreateUserAsync(isAdministrator: false);
        var (suspended, _) = await CreateUserAsync(isAdministrator: true);
        var (administrator, _) = await CreateUserAsync(isAdministrator: true);
        await Get<OperatorUsers>(services).SetSuspendedAsync(administrator, suspended.UserId!.Value, true);

        (await UseCases[name](services, owner, own))!.Reason.Should().Be(RefusalReason.Forbidden, "the owner of an account is no administrator");
        (await UseCases[name](services, suspended, own))!.Reason.Should().Be(RefusalReason.Forbidden, "the administrator is suspended");
        (await UseCases[name](services, Actor.User(Guid.NewGuid()), own))!.Reason.Should().Be(RefusalReason.Forbidden, "there is no such user");
        (await UseCases[name](services, administrator, own))?.Reason.Should().Be(RefusalReason.NotFound, "it is allowed, and only made up ids are missing");
    }

    [Fact]
    public void UseCases_OfAdministrators_AreAllInTheTable()
    {
        var methods = typeof(OperatorUsers).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(OperatorUsers).Namespace && type.Name.StartsWith("Operator", StringComparison.Ordinal) && type.IsClass && !type.IsAbstract)
            .SelectMany(static type => type.GetMethods().Where(method => method.DeclaringType == type && method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(Actor)));

        // AllAsync gives nothing to others instead of a refusal, and is tested below.
        methods.Select(static method => $"{method.DeclaringType!.Name}.{method.Name}").Should().BeEquivalentTo([.. UseCases.Keys, $"{nameof(OperatorUsage)}.{nameof(OperatorUsage.AllAsync)}"]);
    }

    [Fact]
    public async Task AllUsage_ForSomebodyElse_IsEmpty()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("sim");
        await Eventually.TrueAsync(async () => await shared.Gateway.FindUsageAsync(answer.RequestId()) is not null, "the call is booked");
        var (owner, _) = await CreateUserAsync(isAdministrator: false);
        var (administrator, _) = await CreateUserAsync(isAdministrator: true);

        (await ReadAsync(owner)).Should().BeEmpty();
        (await ReadAsync(administrator)).Should().ContainSingle();

        async Task<List<UsageEntry>> ReadAsync(Actor actor)
        {
            List<UsageEntry> entries = [];
            await foreach (var entry in Get<OperatorUsage>(shared.Gateway.Services).AllAsync(actor, new UsageFilter(Always, null, null) { AccountId = account.Id }, default))
            {
                entries.Add(entry);
            }

            return entries;
        }
    }

    [Fact]
    public async Task Administrator_OfThemselves_TakesNothingAway()
    {
        var users = Get<OperatorUsers>(shared.Gateway.Services);
        var (administrator, _) = await CreateUserAsync(isAdministrator: true);

        (await users.SetAdministratorAsync(administrator, administrator.UserId!.Value, false)).Refusal!.Reason.Should().Be(RefusalReason.Conflict);
        (await users.SetSuspendedAsync(administrator, administrator.UserId.Value, true)).Refusal!.Reason.Should().Be(RefusalReason.Conflict);
    }

    [Theory]
    [InlineData("sim", 200, true)]
    [InlineData("sim+status=401", 401, false)]
    [InlineData("sim+ok200error=1", 200, false)]
    public async Task ModelTest_OfAModel_TellsWhatTheProviderAnsweredAndBillsNobody(string script, int status, bool answered)
    {
        var (administrator, _) = await CreateUserAsync(isAdministrator: true);

        var test = (await Get<OperatorProviders>(shared.Gateway.Services).TestAsync(administrator, $"sim:{script}", default)).Value!;

        (test.HttpStatus, test.Error is null, test.FirstTokenMs is not null).Should().Be((status, answered, answered));
        test.ToString().Should().NotContain("upstream-secret");
        await using var database = await Databases().CreateDbContextAsync();
        (await database.UsageRecords.AnyAsync(record => record.Model == test.Model && record.CompletionTokens == 16)).Should().BeFalse();
        (await database.AuditEntries.SingleAsync(entry => entry.Action == "provider.test" && entry.Actor == administrator.Name)).Target.Should().Be($"sim:{script}");
    }

    private static T Get<T>(IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();

    private IDbContextFactory<GatewayDbContext> Databases() => Get<IDbContextFactory<GatewayDbContext>>(shared.Gateway.Services);

    private async Task<(Actor Actor, Guid AccountId)> CreateUserAsync(bool isAdministrator)
    {
        await using var scope = shared.Gateway.Services.CreateAsyncScope();
        var (user, codes) = await Get<Registration>(scope.ServiceProvider).CreateAsync($"{Guid.NewGuid():N}@example.com", Password, language: null, isAdministrator);
        codes.Should().BeEmpty();
        await Get<OwnAccounts>(scope.ServiceProvider).EnsureAsync(user!.Id);
        await using var database = await Databases().CreateDbContextAsync();
        return (Actor.User(user.Id), await database.Memberships.Where(membership => membership.UserId == user.Id).Select(membership => membership.AccountId).SingleAsync());
    }
}

public sealed class OperatorAccessOnSqliteTests(SharedGateway shared) : OperatorAccessTests(shared), IClassFixture<SharedGateway>;

public sealed class OperatorAccessOnPostgresTests(PostgresGateway shared) : OperatorAccessTests(shared), IClassFixture<PostgresGateway>;
