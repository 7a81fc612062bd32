using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.SelfService;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>A user of an account.</summary>
internal sealed record AccountUser(Guid Id, string Email, AccountRole Role);

/// <summary>What an administrator sees of an account at first.</summary>
/// <param name="Models">The sums of the last 30 days by model, by name.</param>
/// <param name="Keys">The newest, revoked ones too.</param>
/// <param name="Ledger">The newest entries.</param>
/// <param name="Calls">The newest records.</param>
internal sealed record AccountFile(
    Account Account, IReadOnlyList<AccountUser> Users, IReadOnlyList<UsageSum> Models, Page<Key> Keys, Page<LedgerEntry> Ledger, Page<UsageEntry> Calls);

/// <summary>All accounts, for administrators.</summary>
internal sealed class OperatorAccounts(
    AccessGuard guard, Accounts accounts, Ledger ledger, Keys keys, UsageReport usage, UsageSummary summary,
    IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    public const int UsageDays = 30;
    private const int ShownKeys = 20;
    private const int ShownEntries = 10;
    private const int ShownModels = 20;

    /// <summary>Newest first.</summary>
    public Task<Outcome<Page<Account>>> ListAsync(Actor actor, AccountFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync(actor, () => accounts.ListAsync(filter, page, cancellationToken));

    public Task<Outcome<AccountFile>> GetAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<AccountFile>(actor, async () =>
        {
            var outcome = await accounts.GetAsync(id, cancellationToken);
            return outcome.IsRefused(out var refusal, out var account) ? refusal : await OpenAsync(account, cancellationToken);
        });

    public Task<Outcome<Account>> CreateAsync(Actor actor, string? name) => guard.RunAsAdministratorAsync(actor, () => accounts.CreateAsync(actor, name));

    public Task<Outcome<Account>> SetStatusAsync(Actor actor, Guid id, AccountStatus status) =>
        guard.RunAsAdministratorAsync(actor, () => accounts.ChangeAsync(actor, id, new AccountChanges(default, status)));

    /// <summary>Names an account anew and sets all of its limits.</summary>
    public Task<Outcome<Account>> ChangeAsync(Actor actor, Guid id, string? name, LimitChanges limits) =>
        guard.RunAsAdministratorAsync(actor, () => accounts.ChangeAsync(actor, id, new AccountChanges(name, default, limits)));

    /// <summary>Puts money into an account or takes it out; the reason is part of it.</summary>
    public Task<Outcome<CreditOutcome>> CreditAsync(Actor actor, Guid id, Credit credit) =>
        guard.RunAsAdministratorAsync<CreditOutcome>(actor, async () =>
        {
            var errors = new FieldErrors();
            errors.CheckText("note", credit.Note, TextRules.MaxNoteLength);
            credit.Check(errors);
            return errors.Any ? Refusal.Invalid(errors) : await ledger.CreditAsync(actor, id, credit);
        });

    public Task<Outcome<Key>> RevokeKeyAsync(Actor actor, Guid keyId) => guard.RunAsAdministratorAsync(actor, () => keys.RevokeAsync(actor, keyId));

    private async Task<Outcome<AccountFile>> OpenAsync(Account account, CancellationToken cancellationToken)
    {
        var id = account.Id;
        var period = new UsagePeriod(time.Now().AddDays(-UsageDays), null);
        var models = await summary.SumAsync(UsageGroup.Model, period, new PageRequest(ShownModels, null), cancellationToken, new UsageSumFilter(id));
        var keyPage = await keys.ListAsync(id, new PageRequest(ShownKeys, null), cancellationToken);
        var entries = await ledger.ListAsync(id, new PageRequest(ShownEntries, null), cancellationToken);
        var calls = await usage.ListAsync(id, new UsageFilter(new UsagePeriod(null, null), null, null), new PageRequest(ShownEntries, null), cancellationToken);
        return (models.Refusal ?? keyPage.Refusal ?? entries.Refusal ?? calls.Refusal) is { } refusal
            ? refusal
            : new AccountFile(account, await UsersAsync(id, cancellationToken), models.Value!.Data, keyPage.Value!, entries.Value!, calls.Value!);
    }

    private async Task<List<AccountUser>> UsersAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await (
            from membership in database.Memberships
            join user in database.Users on membership.UserId equals user.Id
            where membership.AccountId == accountId
            orderby membership.CreatedAt
            select new AccountUser(user.Id, user.Email ?? "", membership.Role)).ToListAsync(cancellationToken);
    }
}
