using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>How a user who has lost the password gets a new one: by a link, which works once and for a day.</summary>
internal sealed class PasswordReset(
    UserManager<UserRow> users,
    AddressConfirmation confirmation,
    UserSessions sessions,
    Mailer mailer,
    MailBounds mails,
    ConsoleLinks links,
    IDbContextFactory<GatewayDbContext> databases,
    TimeProvider time)
{
    /// <summary>A mail names no more keys than this; the console has them all.</summary>
    private const int NamedKeys = 50;

    /// <summary>
    /// Sends the link, if the address has a user and has not got enough of them. Neither can be told from the answer, nor from how long it takes:
    /// where no mail is sent the mail server is asked as well.
    /// </summary>
    /// <returns>False if the mail server does not take mails now.</returns>
    public async Task<bool> SendAsync(string email)
    {
        var isEnough = await mails.TakeAsync(MailKind.Reset, email) is not null;
        return await users.FindByEmailAsync(email) is { } user && !isEnough
            ? await mailer.SendAsync(user.Email!, MailTexts.ResetPassword(user.Language, links.To(await PathAsync(user))))
            : await mailer.TryAsync();
    }

    /// <summary>The path and query, below the console's root, of the page that sets a new password; for whoever may have it.</summary>
    public async Task<string> PathAsync(UserRow user) => ConsoleLinks.UserPath("reset-password", user.Id, await users.GeneratePasswordResetTokenAsync(user));

    /// <summary>
    /// Sets the password and takes back every other way in, since whoever had the old password may have made one: sessions end, passkeys and logins
    /// elsewhere go, and the user is told by mail, with the keys that still work. Whoever has the link has the mailbox, or an administrator's word.
    /// </summary>
    /// <returns>Identity's codes of what is wrong; none if the password is set.</returns>
    public async Task<IReadOnlyList<string>> ResetAsync(string? userId, string? code, string password)
    {
        if (!Guid.TryParse(userId, out var id) || ConsoleLinks.Token(code) is not { } token || await users.FindByIdAsync(id.ToString()) is not { } user)
        {
            return [nameof(IdentityErrorDescriber.InvalidToken)];
        }

        var result = await users.ResetPasswordAsync(user, token, password);
        if (!result.Succeeded)
        {
            return [.. result.Errors.Select(static error => error.Code)];
        }

        await users.SetLockoutEndDateAsync(user, null);
        await users.ResetAccessFailedCountAsync(user);
        await confirmation.AcceptAsync(user);
        await CloseOtherWaysInAsync(user);
        await sessions.EndOthersAsync(user.Id, kept: null);
        if (mailer.IsConfigured)
        {
            await mailer.SendAsync(user.Email!, MailTexts.PasswordWasReset(user.Language, await KeysAsync(user.Id), links.To("keys")));
        }

        return [];
    }

    private async Task CloseOtherWaysInAsync(UserRow user)
    {
        var passkeys = await users.GetPasskeysAsync(user);
        foreach (var passkey in passkeys)
        {
            await users.RemovePasskeyAsync(user, passkey.CredentialId);
        }

        var logins = await users.GetLoginsAsync(user);
        foreach (var login in logins)
        {
            await users.RemoveLoginAsync(user, login.LoginProvider, login.ProviderKey);
        }

        await using var database = await databases.CreateDbContextAsync();
        var removed = new { Passkeys = passkeys.Select(static passkey => passkey.Name), Logins = logins.Select(static login => login.LoginProvider) };
        database.AuditEntries.Add(AuditEntry.Of(Actor.User(user.Id), time.Now(), "user.password-reset", user.Id, removed, null));
        await database.SaveChangesAsync();
    }

    /// <summary>What the user could have had made and what still works: keys of the accounts, and an administrator's own tokens.</summary>
    private async Task<IReadOnlyList<string>> KeysAsync(Guid userId)
    {
        var now = time.Now();
        var name = Actor.User(userId).Name;
        await using var database = await databases.CreateDbContextAsync();
        var keys = await (
            from membership in database.Memberships
            join key in database.ApiKeys on membership.AccountId equals key.AccountId
            where membership.UserId == userId && membership.Role != AccountRole.Viewer && key.Status == ApiKeyStatus.Active && (key.ExpiresAt == null || key.ExpiresAt > now)
            orderby key.CreatedAt descending
            select new { key.Name, key.Prefix }).Take(NamedKeys).ToListAsync();
        var tokens = await database.AdminTokens.Where(token => token.CreatedBy == name && token.RevokedAt == null && (token.ExpiresAt == null || token.ExpiresAt > now))
            .OrderByDescending(token => token.CreatedAt).Select(token => new { token.Name, token.Prefix }).Take(NamedKeys).ToListAsync();
        return [.. keys.Concat(tokens).Select(static key => $"{key.Name} ({key.Prefix})")];
    }
}
