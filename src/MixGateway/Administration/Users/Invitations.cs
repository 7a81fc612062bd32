using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>An invitation as it is shown; the secret of its link is not kept.</summary>
/// <param name="Email">Empty where it is for nobody in particular.</param>
internal sealed record Invitation(Guid Id, string Email, AccountRole Role, DateTime CreatedAt, DateTime ExpiresAt);

/// <summary>An invitation at its creation: the one time that the secret of its link is known.</summary>
internal sealed record CreatedInvitation(Invitation Invitation, string Secret)
{
    /// <summary>Without the secret, so that it does not end in a log.</summary>
    public override string ToString() => $"{nameof(CreatedInvitation)} {Invitation.Id}";
}

/// <summary>What the link of an invitation is for.</summary>
/// <param name="AccountName">Null if it only lets somebody register.</param>
internal sealed record InvitationOffer(Guid Id, string Email, string? AccountName)
{
    /// <summary>Owners invite into their accounts, administrators into the gateway.</summary>
    public bool IsOfAdministrators { get; init; }
}

/// <summary>Links that let people in.</summary>
internal sealed class Invitations(IDbContextFactory<GatewayDbContext> databases, TimeProvider time)
{
    private const int SecretBytes = 24;

    /// <param name="accountId">The account to join; null lets somebody register.</param>
    /// <param name="email">May be missing where no account is to be joined.</param>
    public async Task<Outcome<CreatedInvitation>> CreateAsync(Actor actor, Guid? accountId, string? email, AccountRole role, TimeSpan lifetime)
    {
        if (Check(email, accountId is not null) is { } invalid)
        {
            return invalid;
        }

        var address = email?.Trim() ?? "";
        var now = time.Now();
        var secret = RandomNumberGenerator.GetHexString(SecretBytes * 2, lowercase: true);
        var row = new InvitationRow
        {
            Id = AdministrationClock.NewId(now),
            AccountId = accountId,
            Role = role,
            Email = address,
            Sha256 = Hash(secret),
            CreatedBy = actor.UserId ?? Guid.Empty,
            CreatedAt = now,
            ExpiresAt = now + lifetime,
        };
        await using var database = await databases.CreateDbContextAsync();
        database.Invitations.Add(row);
        database.AuditEntries.Add(AuditEntry.Of(actor, now, "invitation.create", accountId ?? row.Id, null, new { row.Email, row.Role }));
        await database.SaveChangesAsync();
        return new CreatedInvitation(View(row), secret);
    }

    /// <summary>What is wrong with an address; null if nothing is.</summary>
    public static Refusal? Check(string? email, bool isForAccount)
    {
        var address = email?.Trim() ?? "";
        if (EmailAddress.IsValid(address) || (!isForAccount && address.Length == 0))
        {
            return null;
        }

        var errors = new FieldErrors();
        errors.Add("email", "Has to be an e-mail address.");
        return Refusal.Invalid(errors);
    }

    /// <summary>The open ones, newest first.</summary>
    /// <param name="accountId">Null lists those that only let people register.</param>
    public async Task<IReadOnlyList<Invitation>> ListAsync(Guid? accountId, CancellationToken cancellationToken)
    {
        var now = time.Now();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Invitations.AsNoTracking()
            .Where(row => row.AccountId == accountId && row.AcceptedAt == null && row.ExpiresAt > now)
            .OrderByDescending(row => row.Id).ToListAsync(cancellationToken);
        return [.. rows.Select(View)];
    }

    public async Task<Outcome<Invitation>> WithdrawAsync(Actor actor, Guid? accountId, Guid id)
    {
        await using var database = await databases.CreateDbContextAsync();
        if (await database.Invitations.AsTracking().SingleOrDefaultAsync(row => row.Id == id && row.AccountId == accountId && row.AcceptedAt == null) is not { } row)
        {
            return Refusal.NotFound("invitation", id);
        }

        database.Invitations.Remove(row);
        database.AuditEntries.Add(AuditEntry.Of(actor, time.Now(), "invitation.withdraw", accountId ?? id, new { row.Email, row.Role }, null));
        await database.SaveChangesAsync();
        return View(row);
    }

    /// <summary>What a link offers; null if it was used, withdrawn or is too old.</summary>
    public async Task<InvitationOffer?> FindAsync(string? secret, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(secret))
        {
            return null;
        }

        var (hash, now) = (Hash(secret), time.Now());
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Invitations
            .Where(row => row.Sha256 == hash && row.AcceptedAt == null && row.ExpiresAt > now)
            .Select(row => new InvitationOffer(row.Id, row.Email, database.Accounts.Where(account => account.Id == row.AccountId).Select(account => account.Name).FirstOrDefault()) { IsOfAdministrators = row.AccountId == null })
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Uses up a link: of many who try, one gets in. A user who belongs to the account already keeps the role he has.</summary>
    /// <returns>False if it can no longer be used.</returns>
    public async Task<bool> AcceptAsync(Guid userId, string secret)
    {
        var (hash, now) = (Hash(secret), time.Now());
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.BeginDurableAsync();
        var taken = await database.Invitations
            .Where(row => row.Sha256 == hash && row.AcceptedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(row => row.SetProperty(invitation => invitation.AcceptedAt, now).SetProperty(invitation => invitation.AcceptedBy, userId));
        if (taken == 0)
        {
            return false;
        }

        var invitation = await database.Invitations.AsNoTracking().SingleAsync(row => row.Sha256 == hash);
        if (invitation.AccountId is { } accountId
            && !await database.Memberships.AnyAsync(membership => membership.UserId == userId && membership.AccountId == accountId))
        {
            database.Memberships.Add(new MembershipRow { UserId = userId, AccountId = accountId, Role = invitation.Role, CreatedAt = now });
            database.AuditEntries.Add(AuditEntry.Of(Actor.User(userId), now, "member.join", accountId, null, new { invitation.Role }));
        }

        await database.SaveChangesAsync();
        await transaction.CommitAsync();
        return true;
    }

    private static Invitation View(InvitationRow row) => new(row.Id, row.Email, row.Role, row.CreatedAt, row.ExpiresAt);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
