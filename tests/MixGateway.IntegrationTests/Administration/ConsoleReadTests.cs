using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MixGateway.Administration;
using MixGateway.Administration.Operators;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Billing;
using MixGateway.IntegrationTests.Fixtures;
using MixGateway.Storage;
using MixGateway.Usage;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>What the console shows of calls that are on the books, and of users.</summary>
public abstract class ConsoleReadTests(SharedGateway shared)
{
    private static readonly PageRequest FirstPage = new(10, null);
    private static readonly UsagePeriod Always = new(null, null);

    [Fact]
    public async Task Glance_OfCallsInSeveralMinutes_CountsEachInItsMinute()
    {
        await BookAsync();
        var administrator = await AdministratorAsync();

        var glance = (await Of<OperatorOverview>().ShowAsync(administrator, default)).Value!;

        await using var database = await OpenAsync();
        var records = await database.UsageRecords.AsNoTracking().ToListAsync();
        var recent = records.Where(record => record.StartedAt >= glance.Minutes[0].At).ToList();
        var expected = recent.GroupBy(record => record.StartedAt.AddTicks(-(record.StartedAt.Ticks % TimeSpan.TicksPerMinute)))
            .OrderBy(calls => calls.Key)
            .Select(calls => (calls.Key, (long)calls.Count(), (long)calls.Count(call => call.Status == CallStatus.Failed), calls.Sum(call => call.PromptTokens + call.CompletionTokens), new Money(calls.Sum(call => call.Charged))));
        glance.Minutes.Where(minute => minute.Requests > 0).Select(minute => (minute.At, minute.Requests, minute.Errors, minute.Tokens, minute.Charged)).Should().Equal(expected);
        glance.Minutes.Should().HaveCount(30).And.OnlyContain(minute => minute.At.Kind == DateTimeKind.Utc);
        glance.Errors.Should().Equal(new ErrorCount("upstream_timeout", recent.Count(record => record.ErrorCode is not null)));
        glance.Today.Requests.Should().Be(records.Count(record => record.StartedAt.Date == glance.At.Date));
        glance.Replicas.Should().HaveCount(shared is PostgresGateway ? 1 : 0, "a gateway on SQLite is alone");
        glance.Books.DatabaseAnswers.Should().BeTrue();
    }

    [Fact]
    public async Task AllUsage_OfAPeriodThatCutsDays_IsTheSumOfItsCalls()
    {
        var account = await BookAsync();
        var administrator = await AdministratorAsync();
        var now = DateTime.UtcNow;
        var period = new UsagePeriod(now.AddHours(-2), now.AddMinutes(5));

        foreach (var group in Enum.GetValues<OperatorUsageGroup>())
        {
            var lines = (await Of<OperatorUsage>().SumAsync(administrator, group, period, new UsageSumFilter(account.Id), default)).Value!.Lines;
            lines.Sum(line => line.Sum.Requests).Should().Be(4, "it is grouped by {0}", group);
            lines.Sum(line => line.Sum.PromptTokens).Should().Be(32, "it is grouped by {0}", group);
        }

        var named = (await Of<OperatorUsage>().SumAsync(administrator, OperatorUsageGroup.Account, Always, new UsageSumFilter(account.Id), default)).Value!.Lines;
        named.Should().ContainSingle().Which.Name.Should().Be("Test");
        List<UsageEntry> failed = [];
        await foreach (var entry in Of<OperatorUsage>().AllAsync(administrator, new UsageFilter(period, null, null) { AccountId = account.Id, Status = CallStatus.Failed }, default))
        {
            failed.Add(entry);
        }

        failed.Should().ContainSingle().Which.ErrorCode.Should().Be("upstream_timeout");
    }

    [Fact]
    public async Task Margin_OfCallsOfKnownAndUnknownPurchaseCost_IsOfTheKnownOnesAlone()
    {
        var account = await shared.Gateway.CreateAccountAsync(credit: "1000");
        var administrator = await AdministratorAsync();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).UtcDateTime;
        var call = SampleCalls.Call($"{account.Id}", $"{account.KeyId}", now.AddHours(-1), $"maker{account.Id:N}:a");
        UsageRecord[] records =
        [
            call with { PurchaseCost = new Money(20_000_000) },
            SampleCalls.Call($"{account.Id}", $"{account.KeyId}", now.AddHours(-2), call.Model) with { PurchaseCost = new Money(50_000_000) },
            SampleCalls.Call($"{account.Id}", $"{account.KeyId}", now.AddHours(-3), call.Model),
        ];
        foreach (var record in records)
        {
            (await Of<IBooks>().BookAsync(record)).Should().Be(BookingResult.Booked);
        }

        // The period cuts days, so records and sums of days are both added up.
        foreach (var (group, name) in new[] { (MarginGroup.Account, "Test"), (MarginGroup.Model, call.Model), (MarginGroup.Provider, call.Model[..^2]) })
        {
            var report = (await Of<OperatorMargin>().ShowAsync(administrator, group, new UsagePeriod(now.AddHours(-4), now.AddMinutes(5)), default)).Value!;
            var line = report.Lines.Single(line => line.Sum.Group == (group == MarginGroup.Account ? $"{account.Id}" : name));
            line.Should().BeEquivalentTo(new { Name = name, Sum = new { Requests = 3L, Charged = new Money(90_000_000), Covered = new Money(60_000_000), Purchased = new Money(70_000_000), Margin = new Money(-10_000_000) } });
            line.Sum.Rate.Should().BeApproximately(-1 / 6.0, 1e-9);
            report.Days.Sum(day => day.Charged.Nanos).Should().Be(report.Total.Charged.Nanos).And.BeGreaterThanOrEqualTo(90_000_000);
        }

        var shown = (await Of<OperatorUsage>().ShowAsync(administrator, call.RequestId, default)).Value!;
        (shown.Entry.AccountId, shown.PurchaseCost).Should().Be((account.Id, new Money(20_000_000)));
        (await Of<OperatorMargin>().ShowAsync(administrator, MarginGroup.Day, Always, default)).Value!.ModelsWithout.Should().Equal("sim:*");
    }

    [Fact]
    public async Task Accounts_ForAdministrators_AreFoundByNameAndShowWhatTheyUsed()
    {
        var account = await BookAsync();
        var (owner, _) = await MembersAsync(account);
        var administrator = await AdministratorAsync();

        var file = (await Of<OperatorAccounts>().GetAsync(administrator, account.Id, default)).Value!;
        var listed = (await Of<OperatorAccounts>().ListAsync(administrator, new AccountFilter(null, "tES"), new PageRequest(500, null), default)).Value!;

        file.Models.Select(model => (model.Group, model.Requests)).Should().Equal(("alpha:a", 3), ("beta:b", 1), ("sim:sim", 1));
        (file.Keys.Data.Count, file.Ledger.Data.Count > 1, file.Calls.Data.Count).Should().Be((1, true, 5));
        file.Users.Should().HaveCount(2).And.Contain(user => user.Id == owner.UserId && user.Role == AccountRole.Owner);
        listed.Data.Should().Contain(found => found.Id == account.Id);
    }

    [Fact]
    public async Task Users_ForAdministrators_AreFoundByAPartOfTheirAddressPageByPage()
    {
        var administrator = await AdministratorAsync();
        var mark = Guid.NewGuid().ToString("N");
        Guid[] created = [await RegisterAsync($"{mark}_One@example.com"), await RegisterAsync($"{mark}_two@example.com"), await RegisterAsync($"{mark}xthree@example.com")];

        var first = (await Of<OperatorUsers>().ListAsync(administrator, mark, new PageRequest(2, null), default)).Value!;
        Cursor.TryParse(first.NextCursor!, out var next).Should().BeTrue();
        var rest = (await Of<OperatorUsers>().ListAsync(administrator, mark, new PageRequest(2, next), default)).Value!;
        var literally = (await Of<OperatorUsers>().ListAsync(administrator, mark + "_", FirstPage, default)).Value!;

        first.Data.Concat(rest.Data).Select(user => user.Id).Should().BeEquivalentTo(created);
        (first.Data.Count, rest.NextCursor).Should().Be((2, null));
        literally.Data.Select(user => user.Id).Should().BeEquivalentTo(created[..2]);
    }

    [Fact]
    public async Task User_WhoIsLockedOut_IsShownWithTheirBrowsersAndLetInAgain()
    {
        var administrator = await AdministratorAsync();
        var user = await RegisterAsync($"{Guid.NewGuid():N}@example.com");
        await Of<OwnAccounts>().EnsureAsync(user);
        var sessions = Of<UserSessions>();
        var session = await sessions.StartAsync(user, "192.0.2.1", "Browser");
        await sessions.StartAsync(user, null, null);
        var until = DateTimeOffset.UtcNow.AddHours(1);
        await using (var database = await OpenAsync())
        {
            await database.Users.Where(row => row.Id == user).ExecuteUpdateAsync(row => row.SetProperty(each => each.LockoutEnd, (DateTimeOffset?)until));
            var stamp = await database.Users.Where(row => row.Id == user).Select(row => row.SecurityStamp).SingleAsync();
            var own = (await Of<UserAccounts>().ListAsync(user, default)).Single();
            (await sessions.ReadAsync(session, stamp, null, default))!.Account.Should().Be(own);
            (await sessions.ReadAsync(session, stamp, own.Id, default))!.Account.Should().Be(own);
        }

        var file = (await Of<OperatorUsers>().GetAsync(administrator, user, default)).Value!;

        (file.Accounts.Count, file.Sessions.Count).Should().Be((1, 2));
        file.User.LockedUntil.Should().BeCloseTo(until.UtcDateTime, TimeSpan.FromSeconds(1));
        (await Of<OperatorUsers>().UnlockAsync(administrator, user)).Value!.LockedUntil.Should().BeNull();
        await sessions.EndOthersAsync(user, session);
        (await sessions.ListAsync(user, default)).Should().ContainSingle().Which.Id.Should().Be(session);
        (await Of<OperatorUsers>().SignOutAsync(administrator, user)).Refusal.Should().BeNull();
        (await sessions.ListAsync(user, default)).Should().BeEmpty();
        var audit = (await Of<OperatorAudit>().ListAsync(administrator, new AuditFilter(null, null, $"{user}", null, Always), FirstPage, default)).Value!;
        audit.Data.Take(2).Select(entry => entry.Entry.Action).Should().Equal("user.sign-out", "user.unlock");
    }

    [Fact]
    public async Task TwoAdministrators_WhoDismissEachOtherAtOnce_LeaveOne()
    {
        for (var round = 0; round < 8; round++)
        {
            Actor[] two = [await AdministratorAsync(), await AdministratorAsync()];

            var outcomes = await Task.WhenAll(
                Task.Run(() => Of<OperatorUsers>().SetAdministratorAsync(two[0], two[1].UserId!.Value, false)),
                Task.Run(() => Of<OperatorUsers>().SetAdministratorAsync(two[1], two[0].UserId!.Value, false)));

            outcomes.Select(outcome => outcome.Refusal?.Reason).Should().BeEquivalentTo(new RefusalReason?[] { null, RefusalReason.Forbidden });
            await using var database = await OpenAsync();
            Guid[] ids = [.. two.Select(actor => actor.UserId!.Value)];
            (await database.Users.CountAsync(user => ids.Contains(user.Id) && user.IsAdministrator)).Should().Be(1);
        }
    }

    [Fact]
    public async Task AccountPages_OfAnAccountWithCalls_ShowItsMemberAllOfIt()
    {
        var account = await BookAsync();
        var (owner, viewer) = await MembersAsync(account);
        var now = DateTime.UtcNow;
        var period = new UsageFilter(new UsagePeriod(now.AddDays(-2), now.AddMinutes(5)), null, null);
        var usage = Of<AccountUsage>();

        var overview = (await usage.OverviewAsync(viewer, account.Id, default)).Value!;
        (overview.Days.Count, overview.Days.Sum(day => day.Requests)).Should().Be((30, 5));
        overview.Models.Select(model => (model.Name, model.Requests)).Should().Equal(("alpha:a", 3), ("beta:b", 1), ("sim:sim", 1));
        overview.ErrorRate.Should().Be(0.2);
        overview.FirstTokenMs.Should().BeGreaterThanOrEqualTo(4 * 150 / 5, "four of the five calls took 150 ms");

        var days = (await usage.DaysAsync(viewer, account.Id, period, default)).Value!;
        overview.Week.Should().HaveCount(7).And.BeInAscendingOrder(day => day.Day);
        overview.Week.Sum(day => day.Calls).Should().Be(5);
        overview.Week.Sum(day => day.Failed).Should().Be(1);

        days.Should().HaveCountGreaterThanOrEqualTo(3);
        days.Sum(day => day.Requests).Should().Be(5);
        (await usage.DaysAsync(viewer, account.Id, period with { KeyId = account.KeyId, Model = "beta:b" }, default)).Value!.Sum(day => day.Requests).Should().Be(1);
        (await usage.SharesAsync(viewer, account.Id, period, UsageShareGroup.Model, default)).Value!.Select(share => (share.Name, share.Requests)).Should().Equal(("alpha:a", 3), ("beta:b", 1), ("sim:sim", 1));
        (await usage.SharesAsync(viewer, account.Id, period with { Model = "alpha:a" }, UsageShareGroup.Key, default)).Value!.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Name = $"{account.KeyId}", Requests = 3, PromptTokens = 30, CompletionTokens = 60 });
        (await usage.OfKeysAsync(viewer, account.Id, default)).Value!.ByKey[account.KeyId].Requests.Should().Be(5);
        (await usage.SpentOfAsync(viewer, account.Id, account.KeyId, new SpendLimit(new Money(1_000_000_000), SpendLimitPeriod.Total), default)).Value!.Spent.Nanos.Should().Be(overview.Days.Sum(day => day.Charged.Nanos));
        (await usage.ModelsAsync(viewer, account.Id, default)).Value.Should().Equal("alpha:a", "beta:b", "sim:sim");

        var entries = await WalkAsync(viewer, account.Id, period);
        entries.Should().HaveCount(5).And.BeInDescendingOrder(entry => entry.StartedAt);
        (await usage.GetAsync(viewer, account.Id, entries[^1].RequestId, default)).Value.Should().BeEquivalentTo(entries[^1]);
        var shown = (await usage.ShowAsync(viewer, account.Id, entries[^1].RequestId, default)).Value!;
        shown.Entry.Should().BeEquivalentTo(entries[^1]);
        shown.PurchaseCost.Should().BeNull("what a call is bought for is not the account's to know");
        var other = await shared.Gateway.CreateAccountAsync();
        (await usage.ShowAsync((await MembersAsync(other)).Owner, other.Id, entries[^1].RequestId, default)).Refusal!.Reason.Should().Be(RefusalReason.NotFound);

        (await Of<AccountMembers>().InviteAsync(owner, account.Id, "new@example.com", AccountRole.Member, "en")).Refusal.Should().BeNull();
        var members = (await Of<AccountMembers>().ListAsync(viewer, account.Id, default)).Value!;
        members.Members.Select(member => (Actor.User(member.UserId), member.Role)).Should().BeEquivalentTo(new[] { (owner, AccountRole.Owner), (viewer, AccountRole.Viewer) });
        members.Invitations.Should().ContainSingle().Which.Email.Should().Be("new@example.com");
        (await Of<AccountMoney>().ListLedgerAsync(viewer, account.Id, LedgerKind.Credit, FirstPage, default)).Value!.Data.Should().ContainSingle();
    }

    private T Of<T>()
        where T : notnull => shared.Gateway.Services.GetRequiredService<T>();

    private Task<GatewayDbContext> OpenAsync() => AccessTests.Scene.OpenAsync(shared.Gateway);

    private async Task<Actor> AdministratorAsync() => Actor.User(await AccessTests.Scene.AddUserAsync(shared.Gateway, isAdministrator: true));

    private async Task<Guid> RegisterAsync(string email)
    {
        await using var scope = shared.Gateway.Services.CreateAsyncScope();
        var (user, codes) = await scope.ServiceProvider.GetRequiredService<Registration>().CreateAsync(email, "correct horse battery", language: null, isAdministrator: false);
        codes.Should().BeEmpty();
        return user!.Id;
    }

    private async Task<(Actor Owner, Actor Viewer)> MembersAsync(TestAccount account)
    {
        var (owner, viewer) = (await AccessTests.Scene.AddUserAsync(shared.Gateway), await AccessTests.Scene.AddUserAsync(shared.Gateway));
        await using var database = await OpenAsync();
        database.Memberships.AddRange(
            new MembershipRow { UserId = owner, AccountId = account.Id, Role = AccountRole.Owner, CreatedAt = DateTime.UtcNow },
            new MembershipRow { UserId = viewer, AccountId = account.Id, Role = AccountRole.Viewer, CreatedAt = DateTime.UtcNow });
        await database.SaveChangesAsync();
        return (Actor.User(owner), Actor.User(viewer));
    }

    /// <summary>An account with one call that was made just now, three of the last half hour, one of which failed, and one that is older than two hours.</summary>
    private async Task<TestAccount> BookAsync()
    {
        var account = await shared.Gateway.CreateAccountAsync();
        using var answer = await account.ChatAsync("sim");
        await Eventually.TrueAsync(async () => await shared.Gateway.FindUsageAsync(answer.RequestId()) is not null, "the call is booked");

        // A call's id has its start, to the millisecond.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).UtcDateTime;
        var (id, key) = ($"{account.Id}", $"{account.KeyId}");
        UsageRecord[] records =
        [
            SampleCalls.Call(id, key, now.AddMinutes(-20), "alpha:a"),
            SampleCalls.Call(id, key, now.AddMinutes(-10), "alpha:a"),
            SampleCalls.Call(id, key, now.AddMinutes(-10), "beta:b") with { Status = CallStatus.Failed, ErrorCode = "upstream_timeout" },
            SampleCalls.Call(id, key, now.AddHours(-3), "alpha:a"),
        ];
        foreach (var record in records)
        {
            (await Of<IBooks>().BookAsync(record)).Should().Be(BookingResult.Booked);
        }

        return account;
    }

    private async Task<List<UsageEntry>> WalkAsync(Actor actor, Guid accountId, UsageFilter filter)
    {
        List<UsageEntry> entries = [];
        Cursor? after = null;
        do
        {
            var page = (await Of<AccountUsage>().ListAsync(actor, accountId, filter, new PageRequest(2, after), default)).Value!;
            entries.AddRange(page.Data);
            after = page.NextCursor is { } next && Cursor.TryParse(next, out var cursor) ? cursor : null;
        }
        while (after is not null);
        return entries;
    }
}

public sealed class ConsoleReadsOnSqliteTests(SharedGateway shared) : ConsoleReadTests(shared), IClassFixture<SharedGateway>;

public sealed class ConsoleReadsOnPostgresTests(PostgresGateway shared) : ConsoleReadTests(shared), IClassFixture<PostgresGateway>;
