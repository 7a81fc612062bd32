using Microsoft.AspNetCore.Identity;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>How a user who has lost the password gets a new one: by a link, which works once and for a day.</summary>
internal sealed class PasswordReset(UserManager<UserRow> users, AddressConfirmation confirmation, UserSessions sessions, Mailer mailer, ConsoleLinks links)
{
    /// <summary>
    /// Sends the link, if the address has a user. Whether it has cannot be told from the answer, nor from how long it takes: for an address
    /// without a user the mail server is asked as well, and only no mail is sent.
    /// </summary>
    /// <returns>False if the mail server does not take mails now.</returns>
    public async Task<bool> SendAsync(string email) => await users.FindByEmailAsync(email) is { } user
        ? await mailer.SendAsync(user.Email!, MailTexts.ResetPassword(user.Language, links.To(await PathAsync(user))))
        : await mailer.TryAsync();

    /// <summary>The path and query, below the console's root, of the page that sets a new password; for whoever may have it.</summary>
    public async Task<string> PathAsync(UserRow user) => ConsoleLinks.UserPath("reset-password", user.Id, await users.GeneratePasswordResetTokenAsync(user));

    /// <summary>Sets the password, ends every session and lets the user try again at once. Whoever has the link has the mailbox, or an administrator's word.</summary>
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
        await sessions.EndOthersAsync(user.Id, kept: null);
        return [];
    }
}
