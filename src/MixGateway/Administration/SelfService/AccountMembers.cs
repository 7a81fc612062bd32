using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Administration.SelfService;

/// <summary>A user of an account.</summary>
internal sealed record Member(Guid UserId, string Email, AccountRole Role, DateTime CreatedAt);

/// <summary>Who belongs to an account, and who is invited.</summary>
internal sealed record MemberList(IReadOnlyList<Member> Members, IReadOnlyList<Invitation> Invitations);

/// <summary>An invitation that was made, and whether its link was sent by mail.</summary>
internal sealed record SentInvitation(string Email, string Secret, bool MailSent)
{
    /// <summary>Without the secret, so that it does not end in a log.</summary>
    public override string ToString() => nameof(SentInvitation);
}

/// <summary>The members of an account, as its owners manage them. An account never is without an owner.</summary>
internal sealed class AccountMembers(
    AccessGuard guard,
    IDbContextFactory<GatewayDbContext> databases,
    Invitations invitations,
    ActionBounds bounds,
    MailBounds mails,
    Mailer mailer,
    ConsoleLinks links,
    IOptions<SelfServiceOptions> options,
    TimeProvider time)
{
    private const int InvitationDays = 7;

    public Task<Outcome<MemberList>> ListAsync(Actor actor, Guid accountId, CancellationToken cancellationToken) =>
        guard.RunAsync<MemberList>(actor, accountId, AccountRole.Viewer, async () =>
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            var members = await (
                from membership in database.Memberships
                join user in database.Users on membership.UserId equals user.Id
                where membership.AccountId == accountId
                orderby membership.CreatedAt
                select new Member(user.Id, user.Email ?? "", membership.Role, membership.CreatedAt)).ToListAsync(cancellationToken);
            return new MemberList(members, await invitations.ListAsync(accountId, cancellationToken));
        });

    public Task<Outcome<SentInvitation>> InviteAsync(Actor actor, Guid accountId, string? email, AccountRole role, string language) =>
        guard.RunAsync<SentInvitation>(actor, accountId, AccountRole.Owner, async () =>
        {
            if (Invitations.Check(email, isForAccount: true) is { } invalid)
            {
                return invalid;
            }

            if (await RefuseTooManyAsync(accountId, email!) is { } tooMany)
            {
                return tooMany;
            }

            var outcome = await invitations.CreateAsync(actor, accountId, email, role, TimeSpan.FromDays(InvitationDays));
            return outcome.IsRefused(out var refusal, out var created) ? refusal : await SendAsync(accountId, created, language);
        });

    public Task<Outcome<Invitation>> WithdrawAsync(Actor actor, Guid accountId, Guid invitationId) =>
        guard.RunAsync(actor, accountId, AccountRole.Owner, () => invitations.WithdrawAsync(actor, accountId, invitationId));

    public Task<Outcome<Member>> ChangeRoleAsync(Actor actor, Guid accountId, Guid userId, AccountRole role) =>
        guard.RunAsync(actor, accountId, AccountRole.Owner, () => EditAsync(actor, accountId, userId, role));

    /// <summary>Owners remove others; everybody may leave.</summary>
    public Task<Outcome<Member>> RemoveAsync(Actor actor, Guid accountId, Guid userId) =>
        guard.RunAsync(actor, accountId, actor.UserId == userId ? AccountRole.Viewer : AccountRole.Owner, () => EditAsync(actor, accountId, userId, role: null));

    /// <summary>An account is no sender of mass mail, and nobody is invited over and over.</summary>
    private async Task<Refusal?> RefuseTooManyAsync(Guid accountId, string email)
    {
        var most = options.Value.InvitationsPerDay;
        if (await bounds.TakeAsync("invitation", accountId.ToString("N"), most, TimeSpan.FromDays(1)) is { } wait)
        {
            return Refusal.TooMany($"An account can send {most} invitations per day. Try again later, or ask your administrator for a link.", wait);
        }

        return await mails.TakeAsync(MailKind.Invitation, email) is { } pause
            ? Refusal.TooMany("This address has had several invitations within the last hour. Try again later.", pause)
            : null;
    }

    /// <param name="role">Null removes the member.</param>
    private async Task<Outcome<Member>> EditAsync(Actor actor, Guid accountId, Guid userId, AccountRole? role)
    {
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();

        // Two owners who remove each other at the same time must not both succeed.
        await database.LockAccountAsync(accountId, CancellationToken.None);
        var members = await database.Memberships.AsTracking().Where(membership => membership.AccountId == accountId).ToListAsync();
        if (members.SingleOrDefault(membership => membership.UserId == userId) is not { } row)
        {
            return Refusal.NotFound("member", userId);
        }

        if (row.Role == AccountRole.Owner && role != AccountRole.Owner && members.Count(static membership => membership.Role == AccountRole.Owner) == 1)
        {
            return Refusal.Conflict("An account needs an owner. Make somebody else the owner first.");
        }

        var before = new { row.UserId, row.Role };
        if (role is { } newRole)
        {
            row.Role = newRole;
        }
        else
        {
            database.Memberships.Remove(row);
        }

        database.AuditEntries.Add(AuditEntry.Of(actor, time.Now(), role is null ? "member.remove" : "member.change", accountId, before, role is null ? null : new { row.UserId, row.Role }));
        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return new Member(userId, "", row.Role, row.CreatedAt);
    }

    private async Task<SentInvitation> SendAsync(Guid accountId, CreatedInvitation created, string language)
    {
        var sent = false;
        if (mailer.IsConfigured)
        {
            await using var database = await databases.CreateDbContextAsync();
            var name = await database.Accounts.Where(account => account.Id == accountId).Select(account => account.Name).SingleAsync();
            sent = await mailer.SendAsync(created.Invitation.Email, MailTexts.Invitation(language, name, InvitationDays, links.Invitation(created.Secret)));
        }

        return new SentInvitation(created.Invitation.Email, created.Secret, sent);
    }
}
