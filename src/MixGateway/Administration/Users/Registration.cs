using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MixGateway.Administration.Mail;
using MixGateway.Storage;

namespace MixGateway.Administration.Users;

/// <summary>How a registration ended.</summary>
internal enum RegistrationResult
{
    /// <summary>The user is there and may sign in.</summary>
    Registered,

    /// <summary>A mail was sent; the link in it confirms the address. Said too where the address has a user, so that nobody learns who has one.</summary>
    MailSent,

    /// <summary>As <see cref="MailSent"/>, but the mail server did not take it. Who registers again gets another mail.</summary>
    MailFailed,

    /// <summary>Registration is closed, or needs an invitation.</summary>
    NotInvited,

    /// <summary>The address or the password was refused; the codes say why.</summary>
    Refused,
}

/// <param name="Codes">ASP.NET Core Identity's, such as <c>PasswordTooShort</c>.</param>
internal sealed record RegistrationOutcome(RegistrationResult Result, UserRow? User, IReadOnlyList<string> Codes)
{
    public static RegistrationOutcome Of(RegistrationResult result, UserRow? user = null) => new(result, user, []);

    public static RegistrationOutcome Refused(IReadOnlyList<string> codes) => new(RegistrationResult.Refused, null, codes);

    public static RegistrationOutcome OfMail(MailResult mail) => Of(mail is MailResult.Failed ? RegistrationResult.MailFailed : RegistrationResult.MailSent);
}

/// <summary>How people become users.</summary>
internal sealed class Registration(
    UserManager<UserRow> users,
    OwnAccounts accounts,
    Invitations invitations,
    AddressConfirmation confirmation,
    Mailer mailer,
    MailBounds mails,
    ConsoleLinks links,
    IOptions<RegistrationOptions> options,
    TimeProvider time)
{
    public RegistrationMode Mode => options.Value.Registration;

    /// <summary>True if somebody may register, with or without an invitation.</summary>
    public bool Admits(InvitationOffer? offer) => Mode switch
    {
        RegistrationMode.Open => true,
        RegistrationMode.Invitation => offer is not null,
        _ => offer is { IsOfAdministrators: true },
    };

    public async Task<RegistrationOutcome> RegisterAsync(string email, string password, string language, string? invitation)
    {
        var offer = await invitations.FindAsync(invitation, CancellationToken.None);
        if (!Admits(offer))
        {
            return RegistrationOutcome.Of(RegistrationResult.NotInvited);
        }

        if (confirmation.IsNeeded && await users.FindByEmailAsync(email) is { } known)
        {
            return await RegisterAgainAsync(known, password);
        }

        var (user, codes) = await CreateAsync(email, password, language, isAdministrator: false);
        if (user is null)
        {
            // Of two who register the same address at the same moment the second is told what every second is told.
            return confirmation.IsNeeded && codes.Contains(nameof(IdentityErrorDescriber.DuplicateEmail))
                ? RegistrationOutcome.Of(RegistrationResult.MailSent) : RegistrationOutcome.Refused(codes);
        }

        if (!await JoinAsync(user, offer is null ? null : invitation))
        {
            return RegistrationOutcome.Of(RegistrationResult.NotInvited);
        }

        return confirmation.IsNeeded ? RegistrationOutcome.OfMail(await confirmation.SendAsync(user, user.PasswordHash!)) : RegistrationOutcome.Of(RegistrationResult.Registered, user);
    }

    /// <summary>
    /// Registers who was shown to have an address by a provider of identities. A user who has it already is not theirs, but where that one
    /// has never confirmed it: then the provider's word counts, and the password that somebody chose does not.
    /// </summary>
    /// <param name="login">The provider's name for itself and for the user.</param>
    public async Task<RegistrationOutcome> RegisterAsync(string email, UserLoginInfo login, string language, string? invitation)
    {
        var offer = await invitations.FindAsync(invitation, CancellationToken.None);
        if (!Admits(offer))
        {
            return RegistrationOutcome.Of(RegistrationResult.NotInvited);
        }

        var user = await users.FindByEmailAsync(email);
        if (user is { EmailConfirmed: false })
        {
            await users.RemovePasswordAsync(user);
        }
        else
        {
            (user, var codes) = await CreateAsync(email, password: null, language, isAdministrator: false);
            if (user is null)
            {
                return RegistrationOutcome.Refused(codes);
            }
        }

        await users.AddLoginAsync(user, login);
        if (!await JoinAsync(user, offer is null ? null : invitation))
        {
            return RegistrationOutcome.Of(RegistrationResult.NotInvited);
        }

        await confirmation.AcceptAsync(user);
        return RegistrationOutcome.Of(RegistrationResult.Registered, user);
    }

    /// <summary>A new user, whose address counts as confirmed where mails cannot be sent or an administrator vouches for it.</summary>
    public async Task<(UserRow? User, IReadOnlyList<string> Codes)> CreateAsync(string email, string? password, string? language, bool isAdministrator)
    {
        if (!EmailAddress.IsValid(email))
        {
            return (null, [nameof(IdentityErrorDescriber.InvalidEmail)]);
        }

        var now = time.Now();
        var user = new UserRow
        {
            Id = AdministrationClock.NewId(now),
            UserName = email,
            Email = email,
            EmailConfirmed = isAdministrator || !confirmation.IsNeeded,
            IsAdministrator = isAdministrator,
            Language = language,
            CreatedAt = now,
        };
        try
        {
            var result = password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, password);
            return result.Succeeded ? (user, []) : (null, [.. result.Errors.Select(static error => error.Code)]);
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            return (null, [nameof(IdentityErrorDescriber.DuplicateEmail)]);
        }
    }

    /// <summary>
    /// For an address that has a user: the same checks, the same work and the same answer as for one that has none. Nobody has shown yet whose an
    /// address is that was never confirmed, so there each registration gets a link of its own, and the one that is confirmed first counts.
    /// </summary>
    private async Task<RegistrationOutcome> RegisterAgainAsync(UserRow known, string password)
    {
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, known, password) is { Succeeded: false } result)
            {
                return RegistrationOutcome.Refused([.. result.Errors.Select(static error => error.Code)]);
            }
        }

        var hash = users.PasswordHasher.HashPassword(known, password);
        return RegistrationOutcome.OfMail(known.EmailConfirmed ? await TellOwnerAsync(known) : await confirmation.SendAsync(known, hash));
    }

    private async Task<MailResult> TellOwnerAsync(UserRow known)
    {
        var isSent = await mails.TakeAsync(MailKind.Confirmation, known.Email!) is not null
            ? await mailer.TryAsync()
            : await mailer.SendAsync(known.Email!, MailTexts.AlreadyRegistered(known.Language, links.ForgotPassword));
        return isSent ? MailResult.Sent : MailResult.Failed;
    }

    /// <summary>Gives a new user an account: the one that the invitation is for, or an own one.</summary>
    /// <returns>False if the invitation was used up meanwhile and nobody may register without one; then the user is gone again.</returns>
    private async Task<bool> JoinAsync(UserRow user, string? invitation)
    {
        if (invitation is not null && !await invitations.AcceptAsync(user.Id, invitation) && Mode != RegistrationMode.Open)
        {
            await users.DeleteAsync(user);
            return false;
        }

        await accounts.EnsureAsync(user.Id);
        return true;
    }
}
