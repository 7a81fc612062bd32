using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace MixGateway.Administration.Mail;

/// <summary>What a mail is about that somebody can have sent to an address of others.</summary>
internal enum MailKind
{
    Reset,
    Confirmation,
    Invitation,
}

/// <summary>
/// How many mails one address gets because others ask for them. Each kind counts by itself: invitations must not use up what somebody who has
/// forgotten the password needs.
/// </summary>
internal sealed class MailBounds(ActionBounds bounds, IOptions<SmtpOptions> options)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <returns>How long to wait if the address has got enough; null if this mail was counted.</returns>
    public Task<TimeSpan?> TakeAsync(MailKind kind, string address) => bounds.TakeAsync($"mail.{kind}".ToLowerInvariant(), Hash(address), options.Value.MailsPerHour, Window);

    /// <summary>Addresses that belong to nobody here are counted as well, and are not kept.</summary>
    private static string Hash(string address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.Trim().ToUpperInvariant())));
}
