using MixGateway.Administration.Mail;
using MixGateway.Administration.SelfService;
using MixGateway.Administration.Users;
using MixGateway.Storage;

namespace MixGateway.Administration.Operators;

/// <summary>The invitations that can still be used.</summary>
internal sealed record OpenInvitations(IReadOnlyList<Invitation> Open);

/// <summary>Links by which administrators let people register, also where registration is closed to everybody else.</summary>
internal sealed class OperatorInvitations(AccessGuard guard, Invitations invitations, MailBounds mails, Mailer mailer, ConsoleLinks links)
{
    public const int MaxDays = 90;

    /// <summary>Newest first.</summary>
    public Task<Outcome<OpenInvitations>> ListAsync(Actor actor, CancellationToken cancellationToken) =>
        guard.RunAsAdministratorAsync<OpenInvitations>(actor, async () => new OpenInvitations(await invitations.ListAsync(accountId: null, cancellationToken)));

    /// <param name="email">Whom it is for, who is sent the link where mails can be sent; empty for nobody in particular.</param>
    /// <param name="days">How long the link is good for.</param>
    /// <param name="language">Of the mail.</param>
    public Task<Outcome<SentInvitation>> CreateAsync(Actor actor, string? email, int days, string language) =>
        guard.RunAsAdministratorAsync<SentInvitation>(actor, async () =>
        {
            if (days is < 1 or > MaxDays)
            {
                var errors = new FieldErrors();
                errors.Add("days", $"Has to be a number from 1 to {MaxDays}.");
                return Refusal.Invalid(errors);
            }

            if (Invitations.Check(email, isForAccount: false) is { } invalid)
            {
                return invalid;
            }

            if (!string.IsNullOrWhiteSpace(email) && await mails.TakeAsync(MailKind.Invitation, email) is { } pause)
            {
                return Refusal.TooMany("This address has had several invitations within the last hour. Try again later, or leave the address empty and pass the link on yourself.", pause);
            }

            var outcome = await invitations.CreateAsync(actor, accountId: null, email, AccountRole.Owner, TimeSpan.FromDays(days));
            return outcome.IsRefused(out var refusal, out var created)
                ? refusal
                : new SentInvitation(created.Invitation.Email, created.Secret, await SendAsync(created, days, language));
        });

    public Task<Outcome<Invitation>> WithdrawAsync(Actor actor, Guid id) =>
        guard.RunAsAdministratorAsync(actor, () => invitations.WithdrawAsync(actor, accountId: null, id));

    private async Task<bool> SendAsync(CreatedInvitation created, int days, string language) =>
        mailer.IsConfigured && created.Invitation.Email.Length > 0
        && await mailer.SendAsync(created.Invitation.Email, MailTexts.Invitation(language, account: null, days, links.Invitation(created.Secret)));
}
